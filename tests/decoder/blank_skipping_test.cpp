#include "decoder/blank_skipping.hpp"

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "decoder/search/make_beam_search.hpp"

namespace harpy {
namespace {

using Matrix = std::vector<float>;

constexpr std::int64_t kLabels = 4;

/// Log-posteriors of frames in which the network is sure ('-', '1', '2', '3') or in doubt ('?')
/// between blank and label 1.
Matrix posteriors(const std::string& frames) {
  Matrix matrix;
  for (const char frame : frames) {
    for (int label = 0; label < kLabels; ++label) {
      const bool meant = frame == '?' ? label < 2 : label == (frame == '-' ? 0 : frame - '0');
      const double posterior = frame == '?' ? (meant ? 0.499 : 0.001) : (meant ? 0.994 : 0.002);
      matrix.push_back(static_cast<float>(std::log(posterior)));
    }
  }
  return matrix;
}

ConstTensorView view(const Matrix& matrix) {
  return {matrix.data(), Shape{static_cast<std::int64_t>(matrix.size()) / kLabels, kLabels}};
}

TEST(BlankSkipper, KeepsTheFirstFrameOfARunOfBlanks) {
  const Matrix matrix = posteriors("---1-2--?--3-----");
  BlankSkipper skipper({.threshold = 0.98F});
  EXPECT_EQ(skipper.select(view(matrix)), (std::vector<std::int64_t>{0, 3, 4, 5, 6, 8, 9, 11, 12}));
  EXPECT_EQ(skipper.frame_count(), 17);
  EXPECT_EQ(skipper.frame_of(8), 12);
  EXPECT_EQ(skipper.restore_times({7, 1, 6}), (TimedWord{7, 3, 9}));
  EXPECT_THROW(skipper.frame_of(9), std::out_of_range);
}

TEST(BlankSkipper, KeepsEveryFrameAtAThresholdOfOne) {
  const Matrix matrix(5 * kLabels, 0.0F);
  BlankSkipper skipper({.threshold = 1.0F});
  EXPECT_EQ(skipper.select(view(matrix)).size(), 5U);
  EXPECT_EQ(skipper.frame_of(4), 4);
}

TEST(BlankSkipper, SkipsTheSameFramesHoweverTheyAreCut) {
  std::mt19937 random(3);
  std::string frames;
  for (int i = 0; i < 300; ++i) frames += "-----123?"[random() % 9];
  const Matrix matrix = posteriors(frames);
  BlankSkipper whole({.threshold = 0.98F});
  const std::vector<std::int64_t> expected = whole.select(view(matrix));
  for (int trial = 0; trial < 20; ++trial) {
    BlankSkipper skipper({.threshold = 0.98F});
    std::vector<std::int64_t> selected;
    for (std::int64_t begin = 0; begin < 300;) {
      const std::int64_t count = std::min<std::int64_t>(300 - begin, 1 + random() % 7);
      for (const std::int64_t row : skipper.select(slice_rows(view(matrix), begin, count))) {
        selected.push_back(begin + row);
      }
      begin += count;
    }
    EXPECT_EQ(selected, expected);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      EXPECT_EQ(skipper.frame_of(static_cast<std::int64_t>(i)), expected[i]);
    }
  }
}

TEST(BlankSkipper, RefusesThresholdsThatAreNoPosterior) {
  for (const float threshold : {0.0F, -1.0F, 1.5F, std::nanf("")}) {
    EXPECT_THROW(BlankSkipper({.threshold = threshold}), std::invalid_argument) << threshold;
  }
}

/// Any order of the words 1 "12", 2 "1" and 3 "33", blanks between labels and words.
GraphDescription loop_of_words() {
  GraphDescription description;
  description.pdf_count = kLabels;
  description.final_costs = {0.0F};
  const auto add = [&](std::int32_t source, std::int32_t target, std::int32_t input,
                       std::int32_t output) {
    description.arcs.push_back(
        {source, {.target = target, .input = input, .output = output, .cost = 0.5F}});
  };
  add(0, 0, 1, 0);
  const std::vector<std::vector<std::int32_t>> words{{1, 2}, {1}, {3, 3}};
  for (std::int32_t word = 0; word < 3; ++word) {
    std::int32_t state = 0;
    for (const std::int32_t label : words[static_cast<std::size_t>(word)]) {
      const auto heard = static_cast<std::int32_t>(description.final_costs.size());
      const std::int32_t blank = heard + 1;
      description.final_costs.insert(description.final_costs.end(), 2, kInfiniteCost);
      add(state, heard, label + 1, state == 0 ? word + 1 : 0);
      add(heard, heard, label + 1, 0);
      add(heard, blank, 1, 0);
      add(blank, blank, 1, 0);
      state = blank;
    }
    add(state, 0, 0, 0);
  }
  return description;
}

TEST(BlankSkipper, LeavesWordsAndTheirTimesAsTheyAre) {
  PronunciationTable table;
  for (const auto& labels : std::vector<std::vector<std::int32_t>>{{}, {1, 2}, {1}, {3, 3}}) {
    labels.empty() ? table.add_word({}) : table.add_word({&labels, 1});
  }
  const Matrix matrix = posteriors("-----11---2-----3----33------1-----1---2---");
  const auto graph = std::make_shared<const DecodingGraph>(loop_of_words());
  const auto search = make_cpu_beam_search(graph, {});
  const auto times = [&](const Matrix& scores) {
    const auto stream = search->open();
    const SearchInput input{stream.get(), view(scores)};
    search->advance({&input, 1});
    return word_times(search->best_path(*stream, true).steps, table);
  };
  const std::vector<TimedWord> whole = times(matrix);
  ASSERT_EQ(whole, (std::vector<TimedWord>{{1, 5, 11}, {3, 16, 23}, {2, 29, 30}, {1, 35, 40}}));

  BlankSkipper skipper({.threshold = 0.98F});
  Matrix kept;
  for (const std::int64_t row : skipper.select(view(matrix))) {
    kept.insert(kept.end(), matrix.begin() + row * kLabels, matrix.begin() + (row + 1) * kLabels);
  }
  EXPECT_LT(kept.size(), matrix.size() / 2);
  std::vector<TimedWord> restored = times(kept);
  for (TimedWord& word : restored) word = skipper.restore_times(word);
  EXPECT_EQ(restored, whole);
}

}  // namespace
}  // namespace harpy

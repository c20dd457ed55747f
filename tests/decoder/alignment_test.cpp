#include "decoder/alignment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <string>

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;
using Labels = std::vector<std::int32_t>;

constexpr std::int32_t kLabelCount = 4;  // blank, A, B, silence
constexpr std::int32_t kSilence = 3;

/// All sequences of labels that say a transcript, silences included.
std::vector<Labels> ways_to_say(const AlignmentTranscript& transcript, std::int32_t silence) {
  std::vector<Labels> ways{{}};
  const auto extend = [&ways](const std::vector<Labels>& variants) {
    std::vector<Labels> longer;
    for (const Labels& way : ways) {
      for (const Labels& variant : variants) {
        longer.push_back(way);
        longer.back().insert(longer.back().end(), variant.begin(), variant.end());
      }
    }
    ways = longer;
  };
  const std::vector<Labels> pause =
      silence == 0 ? std::vector<Labels>{{}} : std::vector<Labels>{{}, {silence}};
  extend(pause);
  for (const auto& word : transcript) {
    extend(word);
    extend(pause);
  }
  return ways;
}

/// The greatest sum of scores of frames from `frame` on that say the labels from `state` on: a
/// plain recursion over what a frame may be. States are those of all labels, one after another.
double best_sum(const std::vector<std::vector<double>>& scores, const Labels& labels,
                Topology topology, std::size_t frame, std::size_t state, bool blank_before) {
  const auto per_label = static_cast<std::size_t>(pdfs_per_label(topology));
  const std::size_t state_count = labels.size() * per_label;
  if (frame == scores.size()) return state == state_count ? 0.0 : -INFINITY;
  const auto pdf = [&](std::size_t index) {
    return static_cast<std::size_t>(labels[index / per_label]) * per_label + index % per_label;
  };
  double best = -INFINITY;
  const auto take = [&](std::size_t taken_pdf, std::size_t next, bool blank) {
    best = std::max(best, scores[frame][taken_pdf] +
                              best_sum(scores, labels, topology, frame + 1, next, blank));
  };
  if (state > 0 && !blank_before) take(pdf(state - 1), state, false);  // once more
  const bool repeats = state > 0 && state < state_count && pdf(state) == pdf(state - 1);
  const bool needs_blank = topology == Topology::kCtc && repeats && !blank_before;
  if (state < state_count && !needs_blank) take(pdf(state), state + 1, false);
  if (topology == Topology::kCtc) take(0, state, true);
  return best;
}

struct Case {
  Topology topology;
  bool silence;
};

class AlignmentTest : public ::testing::TestWithParam<Case> {
 protected:
  FrameLabels frame_labels() const {
    return {.topology = GetParam().topology, .silence_label = GetParam().silence ? kSilence : 0};
  }
};

INSTANTIATE_TEST_SUITE_P(All, AlignmentTest,
                         ::testing::Values(Case{Topology::kCtc, false}, Case{Topology::kCtc, true},
                                           Case{Topology::kOneState, false},
                                           Case{Topology::kOneState, true},
                                           Case{Topology::kThreeState, false},
                                           Case{Topology::kThreeState, true}));

/// Expects segments in order, the words' labels those of the variants chosen, and frames whose
/// scores add up to the likelihood.
void expect_consistent(const Alignment& alignment, const AlignmentTranscript& transcript,
                       const std::vector<std::vector<double>>& scores,
                       const FrameLabels& frame_labels) {
  ASSERT_EQ(alignment.words.size(), transcript.size());
  Labels said;
  Labels expected;
  std::int32_t end = 0;
  double highest_sum = 0.0;  // with the best state of the label, or blank, in each frame
  const std::int32_t states = pdfs_per_label(frame_labels.topology);
  const auto add_blanks = [&](std::int32_t until) {
    EXPECT_TRUE(until == end || frame_labels.topology == Topology::kCtc);
    for (; end < until; ++end) highest_sum += scores[static_cast<std::size_t>(end)][0];
  };
  for (const AlignedLabel& label : alignment.labels) {
    add_blanks(label.begin_frame);
    ASSERT_EQ(label.begin_frame, end);
    EXPECT_GE(label.end_frame - label.begin_frame, states);
    for (; end < label.end_frame; ++end) {
      const auto& frame = scores[static_cast<std::size_t>(end)];
      const auto first = frame.begin() + label.label * states;
      highest_sum += *std::max_element(first, first + states);
    }
    if (label.word_index >= 0) {
      said.push_back(label.label);
    } else {
      EXPECT_EQ(label.label, kSilence);
    }
  }
  add_blanks(static_cast<std::int32_t>(scores.size()));
  if (states == 1) {
    EXPECT_NEAR(highest_sum, alignment.log_likelihood, 1e-9);
  } else {
    EXPECT_GE(highest_sum + 1e-9, alignment.log_likelihood);
  }
  for (std::size_t i = 0; i < transcript.size(); ++i) {
    const auto variant = static_cast<std::size_t>(alignment.words[i].pronunciation);
    ASSERT_LT(variant, transcript[i].size());
    expected.insert(expected.end(), transcript[i][variant].begin(), transcript[i][variant].end());
    std::int32_t begin = -1;
    std::int32_t last = -1;
    for (const AlignedLabel& label : alignment.labels) {
      if (label.word_index != static_cast<std::int32_t>(i)) continue;
      if (begin < 0) begin = label.begin_frame;
      last = label.end_frame;
    }
    EXPECT_EQ(alignment.words[i].begin_frame, begin);
    EXPECT_EQ(alignment.words[i].end_frame, last);
  }
  EXPECT_EQ(said, expected);
}

TEST_P(AlignmentTest, FindsTheBestOfAllPaths) {
  const FrameLabels labels = frame_labels();
  const auto pdf_count = static_cast<std::size_t>(kLabelCount * pdfs_per_label(labels.topology));
  std::mt19937 random(11);
  std::normal_distribution<float> draw(0.0F, 2.0F);
  int fitted = 0;
  for (int round = 0; round < 150; ++round) {
    AlignmentTranscript transcript(random() % 3);
    for (auto& word : transcript) {
      word.resize(1 + random() % 2);
      for (Labels& variant : word) {
        variant.resize(1 + random() % 2);
        for (std::int32_t& label : variant) label = 1 + static_cast<std::int32_t>(random() % 2);
      }
    }
    const std::size_t frame_count = random() % 8;
    std::vector<float> values(frame_count * pdf_count);
    std::vector<std::vector<double>> scores(frame_count, std::vector<double>(pdf_count));
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = random() % 20 == 0 ? -INFINITY : draw(random);
      scores[i / pdf_count][i % pdf_count] = static_cast<double>(values[i]);
    }
    double expected = -INFINITY;
    for (const Labels& way : ways_to_say(transcript, labels.silence_label)) {
      expected = std::max(expected, best_sum(scores, way, labels.topology, 0, 0, true));
    }
    const ConstTensorView view{values.data(), Shape{static_cast<std::int64_t>(frame_count),
                                                    static_cast<std::int64_t>(pdf_count)}};
    if (std::isinf(expected)) {
      EXPECT_THROW(align(view, transcript, labels), std::runtime_error);
      continue;
    }
    ++fitted;
    const Alignment alignment = align(view, transcript, labels);
    ASSERT_NEAR(alignment.log_likelihood, expected, 1e-9);
    expect_consistent(alignment, transcript, scores, labels);
  }
  EXPECT_GT(fitted, 20);
}

/// Log-likelihoods 0 for the pdf of each frame and -5 for the others.
std::vector<float> scores_of(const std::string& pdfs, std::int32_t pdf_count) {
  std::vector<float> scores;
  for (const char pdf : pdfs) {
    for (std::int32_t i = 0; i < pdf_count; ++i) scores.push_back(i == pdf - '0' ? 0.0F : -5.0F);
  }
  return scores;
}

TEST(Alignment, GivesLabelsAndWordsTheirFrames) {
  PronunciationTable table;
  table.add_word({});
  table.add_word(std::vector<Labels>{{1}, {1, 2}});
  table.add_word(std::vector<Labels>{{2, 2}});
  const std::vector<float> scores = scores_of("01122030220203", kLabelCount);
  const ConstTensorView view{scores.data(), Shape{14, kLabelCount}};
  const Alignment alignment =
      align(view, Labels{1, 2}, table, {.topology = Topology::kCtc, .silence_label = kSilence});
  EXPECT_EQ(alignment.words, (std::vector<AlignedWord>{{1, 1, 5}, {0, 8, 12}}));
  EXPECT_EQ(alignment.labels, (std::vector<AlignedLabel>{{1, 0, 1, 3},
                                                         {2, 0, 3, 5},
                                                         {3, -1, 6, 7},
                                                         {2, 1, 8, 10},
                                                         {2, 1, 11, 12},
                                                         {3, -1, 13, 14}}));
  EXPECT_EQ(alignment.log_likelihood, 0.0);
}

TEST(Alignment, NeedsNoWords) {
  const std::vector<float> scores = scores_of("00", kLabelCount);
  EXPECT_TRUE(align({scores.data(), Shape{2, kLabelCount}}, AlignmentTranscript{}).labels.empty());
  EXPECT_TRUE(align({scores.data(), Shape{0, kLabelCount}}, AlignmentTranscript{}).words.empty());
}

TEST(Alignment, SaysWhatDoesNotFit) {
  const std::vector<float> scores = scores_of("01", kLabelCount);
  const ConstTensorView view{scores.data(), Shape{2, kLabelCount}};
  EXPECT_THAT(
      [&] {
        align(view, AlignmentTranscript{{{1, 2}}, {{1}}});
      },
      ThrowsMessage<std::runtime_error>(
          HasSubstr("the transcript of 2 words does not fit into the 2 frames")));
  const auto refused = [&](const AlignmentTranscript& transcript, const FrameLabels& labels,
                           const char* text) {
    EXPECT_THAT([&] { align(view, transcript, labels); },
                ThrowsMessage<std::invalid_argument>(HasSubstr(text)));
  };
  refused({{{1}}, {}}, {}, "word 1 has no pronunciation");
  refused({{{1}, {}}}, {}, "word 0 has an empty pronunciation");
  refused({{{4}}}, {}, "word 0 has label 4, expected 1 to 3");
  refused({{{0}}}, {}, "word 0 has label 0");
  refused({}, {.silence_label = 4}, "silence has label 4");
  refused({}, {.topology = Topology::kThreeState}, "expected log-likelihoods [frames, labels x 3]");
  PronunciationTable table;
  table.add_word({});
  EXPECT_THAT([&] { align(view, Labels{1}, table); },
              ThrowsMessage<std::invalid_argument>(HasSubstr("word number 1, expected 0 to 0")));
}

}  // namespace
}  // namespace harpy

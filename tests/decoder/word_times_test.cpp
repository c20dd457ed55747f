#include "decoder/word_times.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

/// Words 1 "AB" (labels 1 2), 2 "A" (label 1, or 1 3), 3 "BB" (labels 2 2); word 0 has none.
PronunciationTable table() {
  PronunciationTable table;
  const std::vector<std::vector<std::vector<std::int32_t>>> words{
      {}, {{1, 2}}, {{1}, {1, 3}}, {{2, 2}}};
  for (const auto& word : words) table.add_word(word);
  return table;
}

/// A path of one label a frame ('-' is blank, '1' to '9' labels), with words put out at given
/// frames.
std::vector<PathStep> path(const std::string& labels,
                           const std::vector<std::pair<int, int>>& words) {
  std::vector<PathStep> steps;
  for (int frame = 0; frame < static_cast<int>(labels.size()); ++frame) {
    PathStep step{
        .frame = frame, .input = labels[frame] == '-' ? 1 : labels[frame] - '0' + 1, .output = 0};
    steps.push_back(step);
    for (const auto& [at, word] : words) {
      if (at == frame) steps.push_back({.frame = frame, .input = 0, .output = word});
    }
  }
  return steps;
}

using Words = std::vector<TimedWord>;

TEST(WordTimes, WordsSpanTheirLabelsWhereverTheyWerePutOut) {
  EXPECT_EQ(word_times(path("-11-22-1--", {{1, 1}, {9, 2}}), table()),
            (Words{{1, 1, 6}, {2, 7, 8}}));
  EXPECT_EQ(word_times(path("-11-22-1--", {{8, 1}, {8, 2}}), table()),
            (Words{{1, 1, 6}, {2, 7, 8}}));
}

TEST(WordTimes, VariantsAreChosenByWhatFollows) {
  EXPECT_EQ(word_times(path("13-12", {{0, 2}, {3, 1}}), table()), (Words{{2, 0, 2}, {1, 3, 5}}));
  EXPECT_EQ(word_times(path("1-12", {{0, 2}, {3, 1}}), table()), (Words{{2, 0, 1}, {1, 2, 4}}));
}

TEST(WordTimes, EqualLabelsAreTwoOnlyAcrossABlank) {
  EXPECT_EQ(word_times(path("22-2", {{0, 3}}), table()), (Words{{3, 0, 4}}));
}

TEST(WordTimes, ThePartialLastWordEndsWhereTheLabelsEnd) {
  EXPECT_EQ(word_times(path("1-1", {{0, 2}, {2, 1}}), table()), (Words{{2, 0, 1}, {1, 2, 3}}));
}

TEST(WordTimes, LabelsWithoutTheirWordAreLeftOut) {
  EXPECT_EQ(word_times(path("12-1", {{1, 1}}), table()), (Words{{1, 0, 2}}));
}

TEST(LabelTimes, WordsHaveTheLabelsThatWereHeard) {
  using TimedLabels = std::vector<std::vector<TimedLabel>>;
  EXPECT_EQ(label_times(path("-11-22-1--", {{1, 1}, {9, 2}}), table()),
            (TimedLabels{{{1, 1, 3}, {2, 4, 6}}, {{1, 7, 8}}}));
  EXPECT_EQ(label_times(path("22-2", {{0, 3}}), table()), (TimedLabels{{{2, 0, 2}, {2, 3, 4}}}));
  EXPECT_EQ(label_times(path("1-9", {{0, 2}, {2, 1}, {2, 3}}), table()).back().size(), 0U);
}

/// A path of states: for each frame the label's digit, then the state's letter a, b or c.
std::vector<PathStep> state_path(const std::string& states,
                                 const std::vector<std::pair<int, int>>& words) {
  std::string labels(states.size() / 2, '-');
  std::vector<PathStep> steps = path(labels, words);
  for (PathStep& step : steps) {
    if (step.input == 0) continue;
    const auto place = 2 * static_cast<std::size_t>(step.frame);
    step.input = 1 + 3 * (states[place] - '0') + (states[place + 1] - 'a');
  }
  return steps;
}

TEST(WordTimes, ThreeStatesShowWhereALabelIsRepeated) {
  const FrameLabels three{.topology = Topology::kThreeState, .silence_label = 9};
  EXPECT_EQ(
      word_times(state_path("2a2b2c2c2a2b2c9a9b9c1a1b1b1c", {{3, 3}, {10, 2}}), table(), three),
      (Words{{3, 0, 7}, {2, 10, 14}}));
}

TEST(WordTimes, SilenceIsInNoWord) {
  const FrameLabels one{.topology = Topology::kOneState, .silence_label = 9};
  EXPECT_EQ(word_times(path("9911299122", {{5, 1}, {9, 1}}), table(), one),
            (Words{{1, 2, 5}, {1, 7, 10}}));
}

TEST(WordTimes, OneStateRepeatsLabelsUnseen) {
  const FrameLabels one{.topology = Topology::kOneState};
  EXPECT_EQ(word_times(path("222", {{0, 3}}), table(), one), (Words{{3, 0, 3}}));
  EXPECT_EQ(word_times(path("1112", {{0, 2}, {1, 1}}), table(), one),
            (Words{{2, 0, 1}, {1, 1, 4}}));
  EXPECT_EQ(word_times(path("11222", {{1, 1}, {4, 3}}), table(), one),
            (Words{{1, 0, 3}, {3, 3, 5}}));
}

TEST(WordTimes, AWordThatMatchesNothingKeepsItsFrame) {
  EXPECT_EQ(word_times(path("-22", {{2, 1}}), table()), (Words{{1, 2, 3}}));
  EXPECT_TRUE(word_times({}, table()).empty());
}

}  // namespace
}  // namespace harpy

#include "decoder/path_summary.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <random>
#include <span>
#include <vector>

namespace harpy {
namespace {

// In CTC graphs input 1 is the blank, which is no label of words.
TEST(PathSummary, TellsWordsAndTheFirstAndLastFrameOfLabels) {
  const std::vector<PathStep> steps{{0, 1, 0}, {1, 3, 0}, {2, 2, 7}, {2, 0, 8}, {3, 1, 0}};
  PathSummary summary;
  summary.add(steps, {});
  EXPECT_EQ(summary.step_count, 5U);
  EXPECT_EQ(summary.words, (std::vector<std::int32_t>{7, 8}));
  EXPECT_EQ(summary.first_label_frame, std::optional(1));
  EXPECT_EQ(summary.last_label_frame, std::optional(2));
}

TEST(PathSummary, IsTheSameHoweverTheStepsCome) {
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    std::vector<PathStep> steps(random() % 20);
    for (std::size_t i = 0; i < steps.size(); ++i) {
      steps[i] = {static_cast<std::int32_t>(i), static_cast<std::int32_t>(random() % 4),
                  static_cast<std::int32_t>(random() % 3)};
    }
    PathSummary whole;
    whole.add(steps, {});
    PathSummary parts;
    for (std::size_t begin = 0; begin < steps.size();) {
      const std::size_t count = std::min<std::size_t>(random() % 5, steps.size() - begin);
      parts.add(std::span(steps).subspan(begin, count), {});
      begin += count;
    }
    EXPECT_EQ(parts.step_count, whole.step_count);
    EXPECT_EQ(parts.words, whole.words);
    EXPECT_EQ(parts.first_label_frame, whole.first_label_frame);
    EXPECT_EQ(parts.last_label_frame, whole.last_label_frame);
  }
}

}  // namespace
}  // namespace harpy

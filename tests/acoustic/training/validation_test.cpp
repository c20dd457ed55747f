#include "acoustic/training/validation.hpp"

#include <vector>

#include <gtest/gtest.h>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

using Labels = std::vector<std::int32_t>;

TEST(GreedyLabels, CollapseEqualNeighboursAndDropBlanks) {
  const auto scores_of = [](const Labels& frames) {
    std::vector<float> scores;
    for (const std::int32_t label : frames) {
      for (std::int32_t d = 0; d < 4; ++d) scores.push_back(d == label ? -0.1F : -3.0F);
    }
    return scores;
  };
  EXPECT_EQ(greedy_labels(scores_of({0, 1, 1, 0, 1, 2, 2, 3, 0, 0}), 4), (Labels{1, 1, 2, 3}));
  EXPECT_EQ(greedy_labels(scores_of({0, 0}), 4), Labels{});
  EXPECT_EQ(greedy_labels(scores_of({3}), 4), Labels{3});
  EXPECT_EQ(greedy_labels({}, 4), Labels{});
  // Output 3 stands for label 1: next to output 1 it is the same label going on.
  EXPECT_EQ(greedy_labels(scores_of({1, 3, 2, 3, 0, 3}), 4,
                          [](std::int32_t output) { return output == 3 ? 1 : output; }),
            (Labels{1, 2, 1, 1}));
}

std::int64_t slow_distance(std::span<const std::int32_t> a, std::span<const std::int32_t> b) {
  if (a.empty()) return static_cast<std::int64_t>(b.size());
  if (b.empty()) return static_cast<std::int64_t>(a.size());
  const auto rest = [](std::span<const std::int32_t> x) { return x.subspan(1); };
  return std::min({slow_distance(rest(a), rest(b)) + (a[0] == b[0] ? 0 : 1),
                   slow_distance(rest(a), b) + 1, slow_distance(a, rest(b)) + 1});
}

TEST(EditDistance, IsTheLeastNumberOfEdits) {
  for (std::uint64_t i = 0; i < 200; ++i) {
    KeyedRandom random{i};
    const auto draw = [&] {
      Labels labels(static_cast<std::size_t>(random.below(6)));
      for (std::int32_t& label : labels) label = static_cast<std::int32_t>(random.below(3));
      return labels;
    };
    const Labels a = draw();
    const Labels b = draw();
    EXPECT_EQ(edit_distance(a, b), slow_distance(a, b));
  }
}

}  // namespace
}  // namespace harpy

#include "decoder/graph/label_pair_counts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using Pair = LabelPairCounts::Pair;

TEST(LabelPairCounts, CountsNeighboursAndBeginnings) {
  LabelPairCounts counts;
  for (const std::vector<std::int32_t>& labels :
       {std::vector<std::int32_t>{1, 2, 2, 2}, {}, {3}, {1, 2, 1}}) {
    counts.add(labels);
  }
  EXPECT_THAT(counts.counts(), ElementsAre(std::pair{Pair(0, 1), 2}, std::pair{Pair(0, 3), 1},
                                           std::pair{Pair(1, 2), 2}, std::pair{Pair(2, 1), 1},
                                           std::pair{Pair(2, 2), 2}));
  EXPECT_THAT(counts.frequent(2), ElementsAre(LabelPair{1, 2}, LabelPair{2, 2}));
  EXPECT_THAT(counts.frequent(1), ElementsAre(LabelPair{1, 2}, LabelPair{2, 1}, LabelPair{2, 2}));
  EXPECT_TRUE(counts.frequent(3).empty());
}

}  // namespace
}  // namespace harpy

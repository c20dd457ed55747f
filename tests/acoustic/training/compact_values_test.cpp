#include "acoustic/training/compact_values.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <vector>

#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

std::vector<float> random_values(std::size_t count, double low, double high) {
  KeyedRandom random{count, 5};
  std::vector<float> values(count);
  for (float& value : values) value = static_cast<float>(random.uniform(low, high));
  return values;
}

TEST(CompactValues, BytesAreWithinHalfAStepOfTheirBlocksLargest) {
  for (const std::size_t count : {1U, 127U, 128U, 129U, 1000U}) {
    const std::vector<float> values = random_values(count, -3.0, 5.0);
    const ByteBlocks blocks = to_byte_blocks(values);
    EXPECT_EQ(blocks.codes.size(), count);
    EXPECT_EQ(blocks.scales.size(), (count + 127) / 128);
    const std::vector<float> back = from_byte_blocks(blocks);
    ASSERT_EQ(back.size(), count);
    for (std::size_t begin = 0; begin < count; begin += ByteBlocks::kBlockValues) {
      const std::size_t end = std::min(count, begin + ByteBlocks::kBlockValues);
      float largest = 0.0F;
      for (std::size_t i = begin; i < end; ++i) largest = std::max(largest, std::abs(values[i]));
      for (std::size_t i = begin; i < end; ++i) {
        EXPECT_NEAR(back[i], values[i], largest / 254.0F * 1.0001F);
      }
    }
  }
}

TEST(CompactValues, WhatBytesHoldComesBackUnchanged) {
  const std::vector<float> once = from_byte_blocks(to_byte_blocks(random_values(500, -1.0, 1.0)));
  const std::vector<float> twice = from_byte_blocks(to_byte_blocks(once));
  for (std::size_t i = 0; i < once.size(); ++i) EXPECT_FLOAT_EQ(twice[i], once[i]);
  const std::vector<float> zeros(300, 0.0F);
  EXPECT_EQ(from_byte_blocks(to_byte_blocks(zeros)), zeros);
  EXPECT_TRUE(from_byte_blocks(to_byte_blocks({})).empty());
}

TEST(CompactValues, SumsAreExactForMatricesOfRankOne) {
  const std::vector<float> rows = random_values(5, 0.1, 2.0);
  const std::vector<float> columns = random_values(7, 0.1, 3.0);
  std::vector<float> values;
  for (const float row : rows) {
    for (const float column : columns) values.push_back(row * column);
  }
  const std::vector<float> back = from_marginal_sums(to_marginal_sums(values, 5));
  ASSERT_EQ(back.size(), values.size());
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_NEAR(back[i], values[i], 1e-5F);
}

TEST(CompactValues, SumsOfAnyMatrixAreKept) {
  const std::vector<float> values = random_values(60, 0.0, 4.0);
  const MarginalSums sums = to_marginal_sums(values, 6);
  const MarginalSums again = to_marginal_sums(from_marginal_sums(sums), 6);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(again.rows[i], sums.rows[i], 1e-4F);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_NEAR(again.columns[i], sums.columns[i], 1e-4F);
  EXPECT_THAT(from_marginal_sums(to_marginal_sums(std::vector<float>(6, 0.0F), 2)),
              ::testing::Each(0.0F));
}

TEST(CompactValues, RefusesWhatDoesNotFit) {
  EXPECT_THROW(from_byte_blocks({{1.0F}, {}}), std::invalid_argument);
  EXPECT_THROW(from_byte_blocks({{}, {1}}), std::invalid_argument);
  EXPECT_THROW(to_marginal_sums(std::vector<float>(6), 4), std::invalid_argument);
  EXPECT_THROW(to_marginal_sums(std::vector<float>(6), 0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

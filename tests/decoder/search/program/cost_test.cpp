#include "decoder/search/program/cost.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "decoder/search/program/recombine.hpp"

namespace harpy::token_passing {
namespace {

TEST(PathEndKeys, ComeInTheOrderOfCostsThenOfStates) {
  EXPECT_LT(path_end_key(-2.0F, 9), path_end_key(-1.0F, 3));
  EXPECT_LT(path_end_key(-1.0F, 9), path_end_key(0.5F, 3));
  EXPECT_LT(path_end_key(0.5F, 3), path_end_key(0.5F, 4));
  EXPECT_EQ(key_cost(path_end_key(0.5F, 3)), 0.5F);
}

TEST(PathEndKeys, TellThatATokenWithoutAFiniteCostEndsNoPath) {
  EXPECT_EQ(path_end_key(kInfiniteCost, 3), kNoPathEnd);
  EXPECT_EQ(path_end_key(std::numeric_limits<float>::quiet_NaN(), 3), kNoPathEnd);
  EXPECT_LT(path_end_key(std::numeric_limits<float>::max(), 0xFFFFFFFFU), kNoPathEnd);
}

TEST(HashTables, AreAtMostHalfFullWhenTheyAreMadeAndRoomyUpToThreeQuarters) {
  for (const std::uint32_t count : {0U, 1U, 127U, 128U, 129U, 5000U, 100000U}) {
    const std::uint32_t bits = slot_bits_for(count);
    EXPECT_GE(bits, kLeastSlotBits);
    EXPECT_LE(2 * count, 1U << bits);
    EXPECT_TRUE(is_table_roomy(count, bits));
    EXPECT_TRUE(is_table_roomy(3U << (bits - 2), bits));
    EXPECT_FALSE(is_table_roomy((3U << (bits - 2)) + 1, bits));
  }
}

}  // namespace
}  // namespace harpy::token_passing

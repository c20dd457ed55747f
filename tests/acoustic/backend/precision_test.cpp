// Rounding of factors: bit for bit against a reference in double, and as devices do it.
#include "acoustic/backend/precision.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "acoustic/backend/bfloat16.hpp"
#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

TEST(PrecisionNames, AreReadAndWritten) {
  for (const char* name : {"fp32", "tf32", "bf16"}) {
    EXPECT_EQ(to_string(parse_precision(name)), name);
  }
  EXPECT_EQ(parse_precision("bf16"), Precision::kBfloat16);
}

TEST(PrecisionNames, OthersAreRefusedWithTheChoices) {
  for (const char* name : {"", "BF16", "fp16", "bf16 "}) {
    try {
      parse_precision(name);
      ADD_FAILURE() << name << " accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr("fp32, tf32 or bf16"));
    }
  }
}

/// What a bfloat16's bits mean, an infinity being the next power of two.
double value_of(std::uint32_t bits) {
  if (bits == 0x7F80) return std::ldexp(1.0, 128);
  const int exponent = static_cast<int>(bits >> 7);
  const double fraction = (bits & 0x7F) / 128.0;
  return exponent == 0 ? std::ldexp(fraction, -126) : std::ldexp(1.0 + fraction, exponent - 127);
}

/// The nearer neighbour of a positive finite x, the even one of two.
std::uint32_t nearest(float x, std::uint32_t below) {
  const double down = double{x} - value_of(below), up = value_of(below + 1) - double{x};
  if (down != up) return down < up ? below : below + 1;
  return below % 2 == 0 ? below : below + 1;
}

/// Every upper half with the lower halves at which rounding turns: normal and subnormal numbers,
/// ties, zeros, numbers that become infinite.
std::vector<float> telling_values() {
  std::vector<float> values;
  for (std::uint32_t upper = 0; upper < 0x7F80; ++upper) {
    for (const std::uint32_t lower : {0x0000U, 0x0001U, 0x7FFFU, 0x8000U, 0x8001U, 0xFFFFU}) {
      values.push_back(std::bit_cast<float>(upper << 16 | lower));
    }
  }
  return values;
}

TEST(Bfloat16, IsTheNearestOneAndTheEvenOneOfTwo) {
  for (const float x : telling_values()) {
    const std::uint32_t expected = nearest(x, std::bit_cast<std::uint32_t>(x) >> 16);
    ASSERT_EQ(to_bfloat16(x), expected) << x;
    ASSERT_EQ(to_bfloat16(-x), expected | 0x8000U) << -x;
  }
}

TEST(Bfloat16, KeepsInfinitiesAndNans) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(from_bfloat16(to_bfloat16(kInfinity)), kInfinity);
  EXPECT_EQ(from_bfloat16(to_bfloat16(-kInfinity)), -kInfinity);
  // Payloads that rounding would carry over into infinity, or that have no upper bits.
  for (const std::uint32_t bits : {0x7F800001U, 0x7FFFFFFFU, 0xFF80FFFFU, 0x7FC00000U}) {
    const float rounded = from_bfloat16(to_bfloat16(std::bit_cast<float>(bits)));
    EXPECT_TRUE(std::isnan(rounded)) << bits;
    EXPECT_EQ(std::bit_cast<std::uint32_t>(rounded) >> 31, bits >> 31);
  }
}

TEST(Bfloat16, IsReadBackExactly) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const float value = from_bfloat16(static_cast<std::uint16_t>(bits));
    if (std::isnan(value)) continue;
    ASSERT_EQ(to_bfloat16(value), bits);
  }
}

class BackendPrecision : public BackendTest {};
INSTANTIATE_TEST_SUITE_P(Devices, BackendPrecision, ::testing::ValuesIn(backend_cases()),
                         case_name);

TEST_P(BackendPrecision, FactorsAreRoundedBitForBit) {
  const auto backend = backend_of(GetParam(), Precision::kBfloat16);
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  std::vector<float> values = telling_values();
  values.insert(values.end(), {kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()});
  const auto count = static_cast<std::int64_t>(values.size());
  const Tensor one = backend->from_host({1, 1}, std::vector<float>{1.0F});
  Tensor product = backend->empty({count, 1});
  backend->multiply(backend->from_host({count, 1}, values), Transpose::kNo, one, Transpose::kNo,
                    product, Accumulate::kNo);
  const std::vector<float> got = backend->to_host(product);
  EXPECT_TRUE(std::isnan(got.back()));
  for (std::size_t i = 0; i + 1 < got.size(); ++i) {
    ASSERT_EQ(got[i], from_bfloat16(to_bfloat16(values[i]))) << values[i];
  }
}

TEST_P(BackendPrecision, IsOfProductsAloneAndNotOfThoseOfWeights) {
  const auto backend = backend_of(GetParam(), Precision::kBfloat16);
  EXPECT_EQ(backend->precision(), Precision::kBfloat16);
  constexpr float kFine = 1.0F + 1.0F / 4096.0F;  // 1 in bfloat16
  const Tensor x = backend->from_host({1, 1}, std::vector<float>{kFine});
  Tensor y = backend->empty({1, 1});
  backend->multiply(x, Transpose::kNo, x, Transpose::kNo, y, Accumulate::kNo);
  EXPECT_EQ(backend->to_host(y)[0], 1.0F);
  backend->multiply_in_float32(x, Transpose::kNo, x, Transpose::kNo, y, Accumulate::kNo);
  EXPECT_EQ(backend->to_host(y)[0], kFine * kFine);
  backend->fill(0.0F, y);
  backend->add_scaled(1.0F, x, y);
  EXPECT_EQ(backend->to_host(y)[0], kFine);
}

TEST_P(BackendPrecision, OfOneBackendLeavesOthersAlone) {
  const auto coarse = backend_of(GetParam(), Precision::kBfloat16);
  std::mt19937 random(4);
  const auto values = random_values(64 * 64, random);
  const auto product_of = [&](Backend& backend) {
    const Tensor x = backend.from_host({64, 64}, values);
    Tensor y = backend.empty({64, 64});
    backend.multiply(x, Transpose::kNo, x, Transpose::kYes, y, Accumulate::kNo);
    return backend.to_host(y);
  };
  const std::vector<float> fine = product_of(*backend_);
  const double difference = largest_difference(product_of(*coarse), fine);
  EXPECT_GT(difference, 1e-4);
  EXPECT_LT(difference, 64 * 1.0 / 128.0);
  EXPECT_EQ(product_of(*backend_), fine);
}

}  // namespace
}  // namespace harpy::testing

#include "frontend/mfcc.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

TEST(CepstralTransform, OfAllOutputsWithoutLifterKeepsLengths) {
  const CepstralTransform transform(23, 23, 0.0);
  const auto input = testing::glide(23);
  std::vector<float> output(23);
  transform.apply(input, output);
  double before = 0.0;
  double after = 0.0;
  for (std::size_t i = 0; i < 23; ++i) {
    before += double{input[i]} * input[i];
    after += double{output[i]} * output[i];
  }
  EXPECT_NEAR(after, before, 1e-6);
}

TEST(CepstralTransform, LiftsByTheSine) {
  const CepstralTransform plain(23, 13, 0.0);
  const CepstralTransform lifted(23, 13, 22.0);
  const auto input = testing::glide(23);
  std::vector<float> a(13);
  std::vector<float> b(13);
  plain.apply(input, a);
  lifted.apply(input, b);
  EXPECT_FLOAT_EQ(a[0], b[0]);
  EXPECT_NEAR(b[11], a[11] * 12.0F, 1e-5);
}

TEST(CepstralTransform, OfAConstantIsItsFirstValueOnly) {
  const CepstralTransform transform(16, 8, 22.0);
  std::vector<float> output(8);
  transform.apply(std::vector<float>(16, 3.0F), output);
  EXPECT_NEAR(output[0], 12.0, 1e-5);
  for (std::size_t k = 1; k < 8; ++k) EXPECT_NEAR(output[k], 0.0, 1e-4);
}

TEST(CepstralTransform, RefusesCountsOutOfRange) {
  EXPECT_THROW(CepstralTransform(23, 0, 22.0), std::invalid_argument);
  EXPECT_THROW(CepstralTransform(23, 24, 22.0), std::invalid_argument);
  EXPECT_THROW(CepstralTransform(23, 13, -1.0), std::invalid_argument);
  EXPECT_THROW(CepstralTransform(23, 13, std::nan("")), std::invalid_argument);
}

TEST(CepstralTransform, RefusesSpansOfTheWrongSize) {
  const CepstralTransform transform(23, 13, 22.0);
  std::vector<float> output(13);
  EXPECT_THROW(transform.apply(std::vector<float>(22), output), std::invalid_argument);
  output.resize(12);
  EXPECT_THROW(transform.apply(std::vector<float>(23), output), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

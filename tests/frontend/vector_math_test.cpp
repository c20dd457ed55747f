#include "frontend/vector_math.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cfloat>
#include <cmath>
#include <cstdint>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

namespace vm = vector_math;

const std::vector<std::size_t> kSizes{0, 1, 2, 15, 16, 17, 31, 33, 400, 551};

TEST(VectorMath, SumsEqualDoublePrecision) {
  for (const std::size_t size : kSizes) {
    const auto x = testing::glide(size);
    double sum = 0.0;
    double squares = 0.0;
    for (const float value : x) {
      sum += value;
      squares += double{value} * value;
    }
    EXPECT_NEAR(vm::sum(x.data(), size), sum, 1e-4);
    EXPECT_NEAR(vm::sum_of_squares(x.data(), size), squares, 1e-4);
  }
}

TEST(VectorMath, LoopsEqualTheirFormulas) {
  for (const std::size_t size : kSizes) {
    const auto x = testing::glide(size);
    std::vector<float> window(size);
    for (std::size_t i = 0; i < size; ++i) window[i] = 0.01F * static_cast<float>(i);
    std::vector<float> shifted(size);
    std::vector<float> emphasized(size);
    vm::subtract(x.data(), 0.25F, size, shifted.data());
    std::vector<float> sums = window;
    vm::add(x.data(), size, sums.data());
    vm::emphasize_and_window(x.data(), 0.97F, window.data(), size, emphasized.data());
    for (std::size_t i = 0; i < size; ++i) {
      EXPECT_FLOAT_EQ(shifted[i], x[i] - 0.25F);
      EXPECT_FLOAT_EQ(sums[i], window[i] + x[i]);
      const float previous = x[i == 0 ? 0 : i - 1];
      EXPECT_NEAR(emphasized[i], (x[i] - 0.97 * previous) * window[i], 1e-5);
    }
  }
}

TEST(VectorMath, SquareRootsAreExact) {
  for (const std::size_t size : kSizes) {
    auto x = testing::glide(size);
    for (float& value : x) value = std::abs(value);
    std::vector<float> roots = x;
    vm::square_roots(roots.data(), size);
    for (std::size_t i = 0; i < size; ++i) EXPECT_EQ(roots[i], std::sqrt(x[i]));
  }
}

TEST(VectorMath, LogarithmsAreWithinTwoUnitsInTheLastPlace) {
  std::vector<float> x;
  for (std::uint32_t bits = 0x34000000; bits < 0x7F800000; bits += 7919) {
    x.push_back(std::bit_cast<float>(bits));  // every size of number from epsilon up
  }
  for (int i = -2000; i <= 2000; ++i) x.push_back(1.0F + static_cast<float>(i) * 1e-6F);
  std::vector<float> y = x;
  vm::floored_logarithms(y.data(), FLT_EPSILON, y.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double expected = std::log(static_cast<double>(x[i]));
    const double unit = std::max(std::abs(expected) * FLT_EPSILON, 1e-12);
    ASSERT_NEAR(y[i], expected, 2.0 * unit) << x[i];
  }
}

TEST(VectorMath, LogarithmsStopAtTheFloor) {
  for (const float small : {0.0F, -1.0F, 1e-30F, FLT_EPSILON}) {
    std::vector<float> x(19, small);
    vm::floored_logarithms(x.data(), FLT_EPSILON, x.size());
    for (const float y : x) EXPECT_NEAR(y, std::log(FLT_EPSILON), 1e-5);
  }
}

TEST(VectorMath, RowsTimesMatricesEqualTheirFormula) {
  for (const std::size_t columns : {1U, 7U, 13U, 40U}) {
    const std::size_t rows = 23;
    const auto x = testing::glide(rows);
    const auto weights = testing::glide(rows * columns);
    std::vector<float> y(columns);
    vm::multiply_row(x.data(), weights.data(), rows, columns, y.data());
    for (std::size_t j = 0; j < columns; ++j) {
      double expected = 0.0;
      for (std::size_t i = 0; i < rows; ++i) expected += double{x[i]} * weights[i * columns + j];
      EXPECT_NEAR(y[j], expected, 1e-5);
    }
  }
}

}  // namespace
}  // namespace harpy

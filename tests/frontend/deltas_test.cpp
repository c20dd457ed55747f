#include "frontend/deltas.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

constexpr int kDeltaDim = 3;

/// Rows of x with their deltas; `piece` rows go in at a time.
std::vector<float> append_deltas(const std::vector<float>& x, int order, int window,
                                 std::size_t piece) {
  DeltaAppender deltas(order, window);
  RowQueue input(kDeltaDim);
  RowQueue output(kDeltaDim * (order + 1));
  std::vector<float> rows;
  const std::size_t count = x.size() / kDeltaDim;
  for (std::size_t t = 0; t < count; ++t) {
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(t * kDeltaDim), kDeltaDim,
                input.append().begin());
    if ((t + 1) % piece == 0) deltas.process(input, false, output);
  }
  deltas.process(input, true, output);
  const auto taken = output.take(output.size());
  rows.assign(taken.begin(), taken.end());
  return rows;
}

/// Slope of a sequence, by the regression formula, with repeated ends.
std::vector<double> slopes(const std::vector<double>& x, int window) {
  std::vector<double> result;
  const auto count = static_cast<int>(x.size());
  for (int t = 0; t < count; ++t) {
    double sum = 0.0;
    double norm = 0.0;
    for (int j = -window; j <= window; ++j) {
      sum += j * x[static_cast<std::size_t>(std::clamp(t + j, 0, count - 1))];
      norm += j * j;
    }
    result.push_back(sum / norm);
  }
  return result;
}

TEST(DeltaAppender, AppendsRegressionSlopes) {
  for (const std::size_t count : {1U, 2U, 3U, 20U}) {
    const auto x = testing::glide(count * kDeltaDim);
    const auto rows = append_deltas(x, 1, 2, 1);
    ASSERT_EQ(rows.size(), count * kDeltaDim * 2);
    for (std::size_t d = 0; d < kDeltaDim; ++d) {
      std::vector<double> column;
      for (std::size_t t = 0; t < count; ++t) column.push_back(x[t * kDeltaDim + d]);
      const auto expected = slopes(column, 2);
      for (std::size_t t = 0; t < count; ++t) {
        EXPECT_EQ(rows[t * 2 * kDeltaDim + d], x[t * kDeltaDim + d]);
        EXPECT_NEAR(rows[t * 2 * kDeltaDim + kDeltaDim + d], expected[t], 1e-6);
      }
    }
  }
}

TEST(DeltaAppender, OfOrderTwoAreSlopesOfSlopesAwayFromTheEnds) {
  const std::size_t count = 30;
  const auto x = testing::glide(count * kDeltaDim);
  const auto rows = append_deltas(x, 2, 2, 1);
  std::vector<double> column;
  for (std::size_t t = 0; t < count; ++t) column.push_back(x[t * kDeltaDim]);
  const auto expected = slopes(slopes(column, 2), 2);
  for (std::size_t t = 4; t + 4 < count; ++t) {
    EXPECT_NEAR(rows[t * 3 * kDeltaDim + 2 * kDeltaDim], expected[t], 1e-6) << t;
  }
}

TEST(DeltaAppender, DoesNotDependOnHowRowsArrive) {
  const auto x = testing::glide(50 * kDeltaDim);
  const auto expected = append_deltas(x, 2, 3, 1000);
  for (const std::size_t piece : {1U, 2U, 7U}) EXPECT_EQ(append_deltas(x, 2, 3, piece), expected);
}

TEST(DeltaAppender, RefusesImpossibleOrders) {
  EXPECT_THROW(DeltaAppender(-1, 2), std::invalid_argument);
  EXPECT_THROW(DeltaAppender(1, 0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

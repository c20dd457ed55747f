#include "acoustic/backend/tensor.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <utility>

#include "acoustic/backend/backend.hpp"

namespace harpy {
namespace {

TEST(TensorShape, CountsRowsAndValues) {
  const Shape shape{2, 3, 4};
  EXPECT_EQ(shape.size(), 24);
  EXPECT_EQ(shape.rows(), 6);
  EXPECT_EQ(shape.dim(), 4);
  EXPECT_EQ(to_string(shape), "[2, 3, 4]");
  EXPECT_EQ(Shape{}.size(), 0);
  EXPECT_EQ((Shape{5, 0}).rows(), 0);
}

TEST(TensorShape, RefusesNegativeExtentsTooManyAxesAndTooManyValues) {
  EXPECT_THROW((Shape{2, -1}), std::invalid_argument);
  EXPECT_THROW((Shape{1, 1, 1, 1, 1}), std::invalid_argument);
  constexpr std::int64_t kMany = std::int64_t{1} << 32;
  EXPECT_THROW((Shape{kMany, kMany}), std::invalid_argument);
  EXPECT_EQ((Shape{kMany, kMany / 32}).size(), std::int64_t{1} << 59);
}

TEST(TensorValues, MoveWithoutCopying) {
  const auto backend = create_backend({});
  Tensor a = backend->from_host({2, 2}, std::vector<float>{1, 2, 3, 4});
  const float* data = a.data();
  Tensor b = std::move(a);
  EXPECT_EQ(b.data(), data);
  Tensor c;
  c = std::move(b);
  EXPECT_EQ(c.data(), data);
  EXPECT_EQ(backend->to_host(c), (std::vector<float>{1, 2, 3, 4}));
}

TEST(TensorValues, AreSlicedByRowsAndReshaped) {
  const auto backend = create_backend({});
  Tensor x = backend->from_host({3, 2}, std::vector<float>{1, 2, 3, 4, 5, 6});
  EXPECT_EQ(backend->to_host(slice_rows(x.view(), 1, 1)), (std::vector<float>{3, 4}));
  EXPECT_EQ(slice_rows(x.view(), 3, 0).size(), 0);
  EXPECT_THROW(slice_rows(x.view(), 2, 2), std::invalid_argument);
  EXPECT_THROW(slice_rows(x.view(), -1, 1), std::invalid_argument);
  x.reshape({6});
  EXPECT_EQ(reshaped(x.view(), {2, 3}).rows(), 2);
  EXPECT_THROW(x.reshape({5}), std::invalid_argument);
  EXPECT_THROW(reshaped(x.view(), {7}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

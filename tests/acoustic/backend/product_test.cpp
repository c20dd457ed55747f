#include <gtest/gtest.h>

#include <algorithm>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/bfloat16.hpp"
#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

class BackendProduct : public BackendTest {};
INSTANTIATE_TEST_SUITE_P(Devices, BackendProduct, ::testing::ValuesIn(backend_cases()), case_name);

struct Extents {
  std::int64_t rows, inner, columns;
};

/// Expects products of all transpositions at odd sizes to be the sums in double over the factors'
/// products; round is what happens to a factor first.
template <typename Round>
void expect_products(Backend& backend, const Round& round) {
  std::mt19937 random(1);
  for (const Extents e :
       {Extents{1, 1, 1}, Extents{3, 5, 7}, Extents{17, 33, 65}, Extents{129, 31, 2},
        Extents{2, 67, 301}, Extents{70, 130, 90}, Extents{257, 160, 65}}) {
    for (const int turn : {0, 1, 2, 3}) {
      for (const Accumulate accumulate : {Accumulate::kNo, Accumulate::kYes}) {
        const bool turn_a = turn & 1, turn_b = turn & 2;
        const auto a = random_values(e.rows * e.inner, random);
        const auto b = random_values(e.inner * e.columns, random);
        auto expected = random_values(e.rows * e.columns, random);
        Tensor c = backend.from_host({e.rows, e.columns}, expected);
        const Shape a_shape = turn_a ? Shape{e.inner, e.rows} : Shape{e.rows, e.inner};
        const Shape b_shape = turn_b ? Shape{e.columns, e.inner} : Shape{e.inner, e.columns};
        backend.multiply(backend.from_host(a_shape, a), turn_a ? Transpose::kYes : Transpose::kNo,
                         backend.from_host(b_shape, b), turn_b ? Transpose::kYes : Transpose::kNo,
                         c, accumulate);
        for (std::int64_t i = 0; i < e.rows; ++i) {
          for (std::int64_t j = 0; j < e.columns; ++j) {
            float& value = expected[i * e.columns + j];
            double sum = accumulate == Accumulate::kYes ? value : 0.0;
            for (std::int64_t k = 0; k < e.inner; ++k) {
              sum += double{round(a[turn_a ? k * e.rows + i : i * e.inner + k])} *
                     round(b[turn_b ? j * e.inner + k : k * e.columns + j]);
            }
            value = static_cast<float>(sum);
          }
        }
        EXPECT_LT(largest_difference(backend.to_host(c), expected), 2e-5)
            << e.rows << "x" << e.inner << "x" << e.columns << " transposition " << turn;
      }
    }
  }
}

TEST_P(BackendProduct, EqualsTheDoubleLoopForEveryTranspositionAndOddSize) {
  expect_products(*backend_, [](float factor) { return factor; });
}

TEST_P(BackendProduct, InBfloat16EqualsTheDoubleLoopOverRoundedFactors) {
  expect_products(*backend_of(GetParam(), Precision::kBfloat16),
                  [](float factor) { return from_bfloat16(to_bfloat16(factor)); });
}

TEST_P(BackendProduct, ReadsAndWritesRowsThatBeginAnywhere) {
  std::mt19937 random(6);
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const auto backend = backend_of(GetParam(), precision);
    const Tensor a = random_tensor(*backend, {9, 13}, random);
    const Tensor b = random_tensor(*backend, {7, 13}, random);
    Tensor whole = backend->empty({9, 7});
    backend->multiply(a, Transpose::kNo, b, Transpose::kYes, whole, Accumulate::kNo);
    Tensor parts = backend->empty({9, 7});
    for (std::int64_t row = 0; row < 9; row += 3) {
      backend->multiply(slice_rows(a.view(), row, 3), Transpose::kNo, b, Transpose::kYes,
                        slice_rows(parts.view(), row, 3), Accumulate::kNo);
    }
    EXPECT_LT(largest_difference(backend->to_host(parts), backend->to_host(whole)), 1e-5);
  }
}

TEST_P(BackendProduct, GivesTheSameBitsWithEveryRun) {
  std::mt19937 random(2);
  for (const Precision precision : {Precision::kFloat32, Precision::kBfloat16}) {
    const auto backend = backend_of(GetParam(), precision);
    const Tensor a = random_tensor(*backend, {301, 127}, random);
    const Tensor b = random_tensor(*backend, {127, 211}, random);
    Tensor c = backend->empty({301, 211});
    backend->multiply(a, Transpose::kNo, b, Transpose::kNo, c, Accumulate::kNo);
    const std::vector<float> first = backend->to_host(c);
    for (int run = 0; run < 5; ++run) {
      backend->multiply(a, Transpose::kNo, b, Transpose::kNo, c, Accumulate::kNo);
      EXPECT_EQ(backend->to_host(c), first);
    }
  }
}

/// Expects affine functions with and without bias and relu, of weights rounded beforehand and not,
/// to be the sums in double over the factors' products; round is what happens to a factor first.
template <typename Round>
void expect_affine_functions(Backend& backend, const Round& round) {
  std::mt19937 random(11);
  for (const Extents e : {Extents{1, 1, 1}, Extents{3, 5, 7}, Extents{129, 31, 2},
                          Extents{70, 130, 90}, Extents{257, 160, 65}}) {
    const auto x = random_values(e.rows * e.inner, random);
    const auto weight = random_values(e.inner * e.columns, random);
    const auto bias = random_values(e.columns, random);
    const Tensor x_d = backend.from_host({e.rows, e.inner}, x);
    const Tensor weight_d = backend.from_host({e.inner, e.columns}, weight);
    const Tensor bias_d = backend.from_host({e.columns}, bias);
    const auto rounded = backend.rounded_weight(weight_d);
    EXPECT_EQ(rounded.size() > 0, backend.precision() == Precision::kBfloat16);
    for (const bool has_bias : {false, true}) {
      for (const bool has_relu : {false, true}) {
        std::vector<float> expected(static_cast<std::size_t>(e.rows * e.columns));
        for (std::int64_t i = 0; i < e.rows * e.columns; ++i) {
          double sum = has_bias ? bias[i % e.columns] : 0.0;
          for (std::int64_t k = 0; k < e.inner; ++k) {
            sum += double{round(x[i / e.columns * e.inner + k])} *
                   round(weight[k * e.columns + i % e.columns]);
          }
          expected[i] = static_cast<float>(has_relu ? std::max(sum, 0.0) : sum);
        }
        AffineFunction function{.weight = weight_d,
                                .bias = has_bias ? bias_d.view() : ConstTensorView{},
                                .has_relu = has_relu};
        Tensor y = backend.empty({e.rows, e.columns});
        backend.apply(function, x_d, y);
        const std::vector<float> got = backend.to_host(y);
        EXPECT_LT(largest_difference(got, expected), 2e-5)
            << e.rows << "x" << e.inner << "x" << e.columns << " bias " << has_bias << " relu "
            << has_relu;
        function.rounded_weight = rounded.data();
        backend.fill(-1.0F, y);
        backend.apply(function, x_d, y);
        EXPECT_EQ(backend.to_host(y), got);
      }
    }
  }
}

TEST_P(BackendProduct, AffineFunctionsEqualTheDoubleLoop) {
  expect_affine_functions(*backend_, [](float factor) { return factor; });
}

TEST_P(BackendProduct, AffineFunctionsInBfloat16EqualTheDoubleLoopOverRoundedFactors) {
  expect_affine_functions(*backend_of(GetParam(), Precision::kBfloat16),
                          [](float factor) { return from_bfloat16(to_bfloat16(factor)); });
}

TEST_P(BackendProduct, AffineFunctionsTakeBiasesThatBeginAnywhere) {
  const Tensor biases = backend_->from_host({4}, std::vector<float>{1, 2, 3, -9});
  const Tensor x = backend_->from_host({2, 1}, std::vector<float>{1, 10});
  const Tensor weight = backend_->from_host({1, 3}, std::vector<float>{1, 1, 1});
  Tensor y = backend_->empty({2, 3});
  for (const std::int64_t first : {0, 1}) {
    const ConstTensorView bias{biases.data() + first, Shape{3}};
    backend_->apply({.weight = weight, .bias = bias, .has_relu = true}, x, y);
    EXPECT_EQ(backend_->to_host(y), first == 0 ? (std::vector<float>{2, 3, 4, 11, 12, 13})
                                               : (std::vector<float>{3, 4, 0, 12, 13, 1}));
  }
}

TEST_P(BackendProduct, OfNoInnerExtentIsZeroOrTheTargetItself) {
  const Tensor b = backend_->empty({0, 3});
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  Tensor c = backend_->from_host({2, 3}, values);
  const Tensor a = backend_->empty({0, 2});
  backend_->multiply(a, Transpose::kYes, b, Transpose::kNo, c, Accumulate::kYes);
  EXPECT_EQ(backend_->to_host(c), values);
  backend_->multiply(a, Transpose::kYes, b, Transpose::kNo, c, Accumulate::kNo);
  EXPECT_EQ(backend_->to_host(c), std::vector<float>(6, 0.0F));
}

TEST_P(BackendProduct, RefusesExtentsThatDoNotFit) {
  const Tensor a = backend_->zeros({2, 3});
  const Tensor b = backend_->zeros({4, 5});
  Tensor c = backend_->zeros({2, 5});
  const auto multiply = [&](ConstTensorView left, ConstTensorView right, TensorView product) {
    backend_->multiply(left, Transpose::kNo, right, Transpose::kNo, product, Accumulate::kNo);
  };
  EXPECT_THROW(multiply(a, b, c), std::invalid_argument);
  EXPECT_THROW(multiply(a, backend_->zeros({3, 4}), c), std::invalid_argument);
  EXPECT_THROW(multiply(a, backend_->zeros({3, 2}), backend_->empty({4})), std::invalid_argument);
}

}  // namespace
}  // namespace harpy::testing

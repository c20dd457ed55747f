#include "acoustic/layers/factored_linear.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <cmath>

#include "acoustic/layers/semi_orthogonal.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

using Matrix = std::vector<std::vector<double>>;

Matrix transposed(const Matrix& a) {
  Matrix b(a[0].size(), std::vector<double>(a.size()));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t j = 0; j < a[0].size(); ++j) b[j][i] = a[i][j];
  }
  return b;
}

Matrix product(const Matrix& a, const Matrix& b) {
  Matrix c(a.size(), std::vector<double>(b[0].size(), 0.0));
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (std::size_t k = 0; k < b.size(); ++k) {
      for (std::size_t j = 0; j < b[0].size(); ++j) c[i][j] += a[i][k] * b[k][j];
    }
  }
  return c;
}

Matrix matrix_of(const Backend& backend, const Tensor& tensor) {
  const auto values = backend.to_host(tensor);
  Matrix matrix(tensor.rows());
  for (std::int64_t r = 0; r < tensor.rows(); ++r) {
    matrix[r].assign(values.begin() + r * tensor.dim(), values.begin() + (r + 1) * tensor.dim());
  }
  return matrix;
}

/// trace(P P) * extent / trace(P)^2 - 1 of P = M M^T, M the wider way round: 0 if and only if M is
/// semi-orthogonal up to a scale.
double deviation(Matrix m) {
  if (m.size() > m[0].size()) m = transposed(m);
  const Matrix p = product(m, transposed(m));
  double trace = 0.0, square = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    trace += p[i][i];
    for (const double value : p[i]) square += value * value;
  }
  return square * static_cast<double>(p.size()) / (trace * trace) - 1.0;
}

/// Kaldi's ConstrainOrthonormal, step by step, for M with no more rows than columns.
Matrix reference_step(const Matrix& m) {
  Matrix p = product(m, transposed(m));
  double trace = 0.0, square = 0.0;
  for (std::size_t i = 0; i < p.size(); ++i) {
    trace += p[i][i];
    for (const double value : p[i]) square += value * value;
  }
  double speed = 0.125;
  const double ratio = square * static_cast<double>(p.size()) / (trace * trace);
  if (ratio > 1.02) speed *= 0.5;
  if (ratio > 1.1) speed *= 0.5;
  const double scale_squared = square / trace;
  for (std::size_t i = 0; i < p.size(); ++i) p[i][i] -= scale_squared;
  const Matrix change = product(p, m);
  Matrix moved = m;
  for (std::size_t i = 0; i < m.size(); ++i) {
    for (std::size_t j = 0; j < m[0].size(); ++j) {
      moved[i][j] -= 4.0 * speed / scale_squared * change[i][j];
    }
  }
  return moved;
}

TEST(SemiOrthogonal, StepEqualsTheReferenceForTallAndWideMatrices) {
  const auto backend = create_backend({});
  std::mt19937 random(4);
  for (const Shape& shape : {Shape{30, 7}, Shape{7, 30}, Shape{9, 9}, Shape{12, 1}}) {
    Tensor m = random_tensor(*backend, shape, random);
    for (int step = 0; step < 12; ++step) {
      Matrix before = matrix_of(*backend, m);
      const bool tall = shape[0] > shape[1];
      Matrix expected = reference_step(tall ? transposed(before) : before);
      if (tall) expected = transposed(expected);
      make_more_semi_orthogonal(*backend, m);
      const Matrix got = matrix_of(*backend, m);
      for (std::size_t r = 0; r < got.size(); ++r) {
        for (std::size_t c = 0; c < got[0].size(); ++c) {
          ASSERT_NEAR(got[r][c], expected[r][c], 1e-5);
        }
      }
    }
  }
}

TEST(SemiOrthogonal, StepsReachTheGoalAtTheMatrixOwnScale) {
  const auto backend = create_backend({});
  for (const float size : {1e-3F, 1.0F, 300.0F}) {
    std::mt19937 random(5);
    Tensor m = random_tensor(*backend, {40, 10}, random, -size, size);
    EXPECT_GT(deviation(matrix_of(*backend, m)), 0.1);
    const double before = std::sqrt(backend->sum_of_squares(m));
    for (int step = 0; step < 40; ++step) make_more_semi_orthogonal(*backend, m);
    EXPECT_LT(deviation(matrix_of(*backend, m)), 1e-5);
    EXPECT_NEAR(std::sqrt(backend->sum_of_squares(m)) / before, 1.0, 0.2);
  }
}

TEST(SemiOrthogonal, LeavesAMatrixOfZerosAlone) {
  const auto backend = create_backend({});
  Tensor m = backend->zeros({4, 3});
  make_more_semi_orthogonal(*backend, m);
  EXPECT_EQ(backend->to_host(m), std::vector<float>(12, 0.0F));
}

TEST(FactoredLinearLayer, ConstrainsItsBottleneckBeforeEveryFourthStep) {
  const auto backend = create_backend({});
  const boost::json::object description{{"output_dim", 12}, {"bottleneck_dim", 5}};
  LayerFields fields("layer", description);
  FactoredLinear layer(*backend, fields, 16, 1);
  ASSERT_EQ(layer.parameters().size(), 3U);
  EXPECT_EQ(layer.parameters()[0]->name, "bottleneck.weight");
  EXPECT_EQ(layer.parameters()[0]->value.shape(), (Shape{32, 5}));
  EXPECT_EQ(layer.parameters()[1]->name, "affine.weight");
  EXPECT_EQ(layer.parameters()[2]->name, "affine.bias");
  const auto affine = backend->to_host(layer.parameters()[1]->value);
  for (std::int64_t step = 1; step <= 160; ++step) {
    const auto before = backend->to_host(layer.parameters()[0]->value);
    layer.begin_step(*backend, step);
    const bool same = backend->to_host(layer.parameters()[0]->value) == before;
    if (step < 40) {
      EXPECT_EQ(same, step % 4 != 0) << step;
    }
  }
  EXPECT_LT(deviation(matrix_of(*backend, layer.parameters()[0]->value)), 1e-5);
  EXPECT_EQ(backend->to_host(layer.parameters()[1]->value), affine);
}

}  // namespace
}  // namespace harpy::testing

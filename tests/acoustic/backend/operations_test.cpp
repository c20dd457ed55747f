#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "acoustic/backend/backend.hpp"
#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

class BackendOperation : public BackendTest {
 protected:
  std::mt19937 random_{7};
};
INSTANTIATE_TEST_SUITE_P(Devices, BackendOperation, ::testing::ValuesIn(backend_cases()),
                         case_name);

/// Sizes around the widths of registers, pieces and shares of threads.
constexpr std::int64_t kSizes[] = {1, 7, 16, 33, 4096, 4099, 20011};
struct Matrix {
  std::int64_t rows, dim;
};
constexpr Matrix kMatrices[] = {{1, 1}, {1, 37}, {3, 16}, {65, 1}, {130, 33}, {515, 67}, {64, 700}};

TEST_P(BackendOperation, FillScaleAndAddScaledWorkOnEveryValue) {
  for (const std::int64_t size : kSizes) {
    const auto x = random_values(size, random_);
    auto expected = random_values(size, random_);
    Tensor y = backend_->from_host({size}, expected);
    backend_->scale(0.5F, y);
    backend_->add_scaled(-3.0F, backend_->from_host({size}, x), y);
    for (std::int64_t i = 0; i < size; ++i) expected[i] = expected[i] * 0.5F - 3.0F * x[i];
    EXPECT_LT(largest_difference(backend_->to_host(y), expected), 1e-6) << size;
    backend_->fill(2.5F, y);
    EXPECT_THAT(backend_->to_host(y), ::testing::Each(2.5F));
  }
}

TEST_P(BackendOperation, SumOfSquaresIsPrecise) {
  for (const std::int64_t size : kSizes) {
    const auto x = random_values(size, random_);
    double expected = 0.0;
    for (const float value : x) expected += double{value} * value;
    EXPECT_NEAR(backend_->sum_of_squares(backend_->from_host({size}, x)), expected,
                1e-6 * expected);
  }
}

TEST_P(BackendOperation, SumOfSquaresRunsOverAllArrays) {
  std::vector<Tensor> arrays;
  double expected = 0.0;
  for (const std::int64_t size : {33, 0, 4099, 1}) {
    const auto x = random_values(size, random_);
    for (const float value : x) expected += double{value} * value;
    arrays.push_back(backend_->from_host({size}, x));
  }
  const std::vector<ConstTensorView> views(arrays.begin(), arrays.end());
  EXPECT_NEAR(backend_->sum_of_squares(views), expected, 1e-6 * expected);
  EXPECT_EQ(backend_->sum_of_squares(std::vector<ConstTensorView>{}), 0.0);
}

TEST_P(BackendOperation, ReluKeepsPositiveValuesAndTheirGradients) {
  for (const std::int64_t size : kSizes) {
    const auto x = random_values(size, random_);
    const auto dy = random_values(size, random_);
    Tensor y = backend_->empty({size});
    Tensor dx = backend_->empty({size});
    backend_->activate(ActivationKind::kRelu, backend_->from_host({size}, x), y);
    backend_->activate_backward(ActivationKind::kRelu, y, backend_->from_host({size}, dy), dx);
    const auto y_values = backend_->to_host(y);
    const auto dx_values = backend_->to_host(dx);
    for (std::int64_t i = 0; i < size; ++i) {
      ASSERT_EQ(y_values[i], x[i] > 0.0F ? x[i] : 0.0F);
      ASSERT_EQ(dx_values[i], x[i] > 0.0F ? dy[i] : 0.0F);
    }
  }
}

TEST_P(BackendOperation, SigmoidAndTanhEqualTheFormulaAndItsGradient) {
  for (const std::int64_t size : kSizes) {
    auto x = random_values(size, random_, -12.0F, 12.0F);
    for (std::int64_t i = 0; i < size; i += 2) x[i] *= 1e-2F;
    x[0] = size % 2 == 0 ? 1000.0F : -1000.0F;
    const auto dy = random_values(size, random_);
    for (const ActivationKind kind : {ActivationKind::kSigmoid, ActivationKind::kTanh}) {
      Tensor y = backend_->empty({size});
      Tensor dx = backend_->empty({size});
      backend_->activate(kind, backend_->from_host({size}, x), y);
      backend_->activate_backward(kind, y, backend_->from_host({size}, dy), dx);
      const auto y_values = backend_->to_host(y);
      const auto dx_values = backend_->to_host(dx);
      for (std::int64_t i = 0; i < size; ++i) {
        const bool is_tanh = kind == ActivationKind::kTanh;
        const double expected = is_tanh ? std::tanh(double{x[i]}) : 1.0 / (1.0 + std::exp(-x[i]));
        const double slope = is_tanh ? 1.0 - expected * expected : expected * (1.0 - expected);
        ASSERT_NEAR(y_values[i], expected, 3e-7 * std::abs(expected) + 1e-37) << x[i];
        ASSERT_NEAR(dx_values[i], dy[i] * slope, 1e-6) << x[i];
      }
    }
  }
}

TEST_P(BackendOperation, DropoutDropsItsShareAndFollowsFromTheKey) {
  for (const std::int64_t size : kSizes) {
    const auto x = random_values(size, random_, 1.0F, 2.0F);
    const Tensor x_device = backend_->from_host({size}, x);
    const auto dropped = [&](std::uint64_t key, float rate) {
      Tensor y = backend_->empty({size});
      backend_->dropout({.key = key, .rate = rate}, x_device, y);
      return backend_->to_host(y);
    };
    const auto y = dropped(5, 0.25F);
    std::int64_t zeros = 0;
    for (std::int64_t i = 0; i < size; ++i) {
      if (y[i] == 0.0F) {
        ++zeros;
      } else {
        ASSERT_FLOAT_EQ(y[i], x[i] / 0.75F);
      }
    }
    EXPECT_EQ(dropped(5, 0.25F), y);
    EXPECT_EQ(dropped(5, 0.0F), x);
    if (size < 4096) continue;
    EXPECT_NE(dropped(6, 0.25F), y);
    EXPECT_NEAR(static_cast<double>(zeros) / static_cast<double>(size), 0.25, 0.03);
  }
}

TEST(Dropout, DrawsTheSameValuesOnEveryDeviceForAnyNumberOfThreads) {
  constexpr std::int64_t kSize = 50021;
  std::vector<std::vector<float>> drawn;
  std::vector<BackendOptions> backends;
  for (const int thread_count : {1, 2, 3}) {
    backends.push_back({.device = {}, .thread_count = thread_count});
  }
  for (const Device device : available_devices()) backends.push_back({.device = device});
  for (const BackendOptions& options : backends) {
    const auto backend = create_backend(options);
    Tensor y = backend->empty({kSize});
    const Tensor ones = backend->from_host({kSize}, std::vector<float>(kSize, 1.0F));
    backend->dropout({.key = 9, .rate = 0.5F}, ones, y);
    drawn.push_back(backend->to_host(y));
  }
  for (const auto& values : drawn) EXPECT_EQ(values, drawn[0]);
}

TEST_P(BackendOperation, BiasAndRowSumsRunOverColumns) {
  for (const auto [rows, dim] : kMatrices) {
    auto x = random_values(rows * dim, random_);
    const auto bias = random_values(dim, random_);
    Tensor y = backend_->from_host({rows, dim}, x);
    backend_->add_bias(backend_->from_host({dim}, bias), y);
    std::vector<float> sums = random_values(dim, random_);
    Tensor sums_device = backend_->from_host({dim}, sums);
    backend_->sum_rows(y, sums_device, Accumulate::kYes);
    for (std::int64_t d = 0; d < dim; ++d) {
      double sum = sums[d];
      for (std::int64_t r = 0; r < rows; ++r) sum += x[r * dim + d] += bias[d];
      sums[d] = static_cast<float>(sum);
    }
    EXPECT_EQ(backend_->to_host(y), x);
    EXPECT_LT(largest_difference(backend_->to_host(sums_device), sums), 1e-4);
  }
}

TEST_P(BackendOperation, UnfoldReadsTheFramesOfTheWindowAndFoldIsItsAdjoint) {
  const TimeWindow windows[] = {
      {},
      {.kernel = 3, .left = 1},
      {.kernel = 3, .dilation = 3, .stride = 1, .left = 3},
      {.kernel = 5, .dilation = 1, .stride = 3, .left = 2},
      {.kernel = 2, .dilation = 7, .stride = 2, .left = -1},
      {.kernel = 4, .dilation = 2, .stride = 5, .left = 6},
  };
  for (const TimeWindow& window : windows) {
    for (const std::int64_t frames : {1, 4, 23, 150}) {
      constexpr std::int64_t kSequences = 3, kDim = 19;
      const std::int64_t output_frames = (frames + window.stride - 1) / window.stride;
      const auto x = random_values(kSequences * frames * kDim, random_);
      const std::int64_t wide = window.kernel * kDim;
      const auto dy = random_values(kSequences * output_frames * wide, random_);
      std::vector<float> y(dy.size(), 0.0F);
      std::vector<float> dx(x.size(), 0.0F);
      for (std::int64_t b = 0; b < kSequences; ++b) {
        for (std::int64_t t = 0; t < output_frames; ++t) {
          for (std::int64_t i = 0; i < wide; ++i) {
            const std::int64_t s = t * window.stride + i / kDim * window.dilation - window.left;
            if (s < 0 || s >= frames) continue;
            const std::int64_t narrow = (b * frames + s) * kDim + i % kDim;
            y[(b * output_frames + t) * wide + i] = x[narrow];
            dx[narrow] += dy[(b * output_frames + t) * wide + i];
          }
        }
      }
      Tensor y_device = backend_->empty({kSequences, output_frames, wide});
      Tensor dx_device = backend_->empty({kSequences, frames, kDim});
      backend_->unfold(backend_->from_host(dx_device.shape(), x), window, y_device);
      backend_->fold(backend_->from_host(y_device.shape(), dy), window, dx_device);
      EXPECT_EQ(backend_->to_host(y_device), y);
      EXPECT_LT(largest_difference(backend_->to_host(dx_device), dx), 1e-6);
    }
  }
}

TEST_P(BackendOperation, RowStatisticsArePreciseFarFromZero) {
  for (const auto [rows, dim] : kMatrices) {
    const auto x = random_values(rows * dim, random_, 999.0F, 1001.0F);
    Tensor mean = backend_->empty({dim});
    Tensor variance = backend_->empty({dim});
    backend_->row_statistics(backend_->from_host({rows, dim}, x), mean, variance);
    const auto means = backend_->to_host(mean);
    const auto variances = backend_->to_host(variance);
    for (std::int64_t d = 0; d < dim; ++d) {
      double sum = 0.0, squares = 0.0;
      for (std::int64_t r = 0; r < rows; ++r) sum += x[r * dim + d];
      const double expected_mean = sum / static_cast<double>(rows);
      for (std::int64_t r = 0; r < rows; ++r)
        squares += std::pow(x[r * dim + d] - expected_mean, 2);
      ASSERT_NEAR(means[d], expected_mean, 1e-4);
      ASSERT_NEAR(variances[d], squares / static_cast<double>(rows), 1e-4);
    }
  }
}

TEST_P(BackendOperation, NormalizationFactorsGiveTheFormula) {
  constexpr std::int64_t kRows = 131, kDim = 37;
  const auto x = random_values(kRows * kDim, random_);
  const auto mean = random_values(kDim, random_), beta = random_values(kDim, random_);
  const auto variance = random_values(kDim, random_, 0.1F, 2.0F),
             gamma = random_values(kDim, random_);
  const Tensor mean_d = backend_->from_host({kDim}, mean),
               beta_d = backend_->from_host({kDim}, beta);
  const Tensor variance_d = backend_->from_host({kDim}, variance);
  const Tensor gamma_d = backend_->from_host({kDim}, gamma);
  Tensor factor = backend_->empty({kDim}), offset = backend_->empty({kDim});
  Tensor y = backend_->empty({kRows, kDim});
  backend_->normalization_factors({mean_d, variance_d, gamma_d, beta_d, 1e-3F}, factor, offset);
  backend_->scale_and_shift(backend_->from_host(y.shape(), x), factor, offset, y);
  std::vector<float> expected(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t d = i % kDim;
    expected[i] = static_cast<float>(
        gamma[d] * (double{x[i]} - mean[d]) / std::sqrt(double{variance[d]} + 1e-3) + beta[d]);
  }
  EXPECT_LT(largest_difference(backend_->to_host(y), expected), 1e-5);
}

TEST_P(BackendOperation, ScaleShiftAndAddGivesTheFormula) {
  for (const auto [rows, dim] : kMatrices) {
    const auto y = random_values(rows * dim, random_), bypass = random_values(rows * dim, random_);
    const auto factor = random_values(dim, random_), offset = random_values(dim, random_);
    Tensor result = backend_->from_host({rows, dim}, y);
    backend_->scale_shift_and_add(backend_->from_host({dim}, factor),
                                  backend_->from_host({dim}, offset), 0.66F,
                                  backend_->from_host({rows, dim}, bypass), result);
    std::vector<float> expected(y.size());
    for (std::size_t i = 0; i < y.size(); ++i) {
      const std::size_t d = i % static_cast<std::size_t>(dim);
      expected[i] =
          static_cast<float>(double{y[i]} * factor[d] + offset[d] + 0.66 * double{bypass[i]});
    }
    EXPECT_LT(largest_difference(backend_->to_host(result), expected), 1e-6);
  }
}

TEST_P(BackendOperation, LogSoftmaxEqualsTheFormulaAndItsGradient) {
  for (const auto [rows, dim] : kMatrices) {
    const auto x = random_values(rows * dim, random_, -30.0F, 30.0F);
    const auto dy = random_values(rows * dim, random_);
    Tensor y = backend_->empty({rows, dim});
    Tensor dx = backend_->empty({rows, dim});
    backend_->log_softmax(backend_->from_host(y.shape(), x), y);
    backend_->log_softmax_backward(y, backend_->from_host(y.shape(), dy), dx);
    std::vector<float> expected(x.size()), expected_dx(x.size());
    for (std::int64_t r = 0; r < rows; ++r) {
      double sum = 0.0, dy_sum = 0.0;
      for (std::int64_t d = 0; d < dim; ++d) {
        sum += std::exp(double{x[r * dim + d]});
        dy_sum += dy[r * dim + d];
      }
      for (std::int64_t d = 0; d < dim; ++d) {
        const double log_probability = x[r * dim + d] - std::log(sum);
        expected[r * dim + d] = static_cast<float>(log_probability);
        expected_dx[r * dim + d] =
            static_cast<float>(dy[r * dim + d] - std::exp(log_probability) * dy_sum);
      }
    }
    EXPECT_LT(largest_difference(backend_->to_host(y), expected), 1e-5);
    EXPECT_LT(largest_difference(backend_->to_host(dx), expected_dx), 2e-5);
  }
}

TEST_P(BackendOperation, LogSoftmaxOfVeryUnlikelyValuesStaysFinite) {
  Tensor y = backend_->empty({1, 3});
  backend_->log_softmax(backend_->from_host({1, 3}, std::vector<float>{0.0F, -1e4F, 1e4F}), y);
  EXPECT_EQ(backend_->to_host(y), (std::vector<float>{-1e4F, -2e4F, 0.0F}));
}

TEST_P(BackendOperation, NegativeLogLikelihoodPicksTheClassOfEachRow) {
  const Tensor y = backend_->from_host({3, 2}, std::vector<float>{-1, -2, -3, -4, -5, -6});
  Tensor dy = backend_->empty({3, 2});
  const std::vector<std::int32_t> classes{1, -1, 0};
  EXPECT_DOUBLE_EQ(backend_->negative_log_likelihood(y, classes, dy), 7.0);
  EXPECT_EQ(backend_->to_host(dy), (std::vector<float>{0, -1, 0, 0, -1, 0}));
  EXPECT_THROW(backend_->negative_log_likelihood(y, std::vector<std::int32_t>{0, 2, 0}, dy),
               std::invalid_argument);
  EXPECT_THROW(backend_->negative_log_likelihood(y, std::vector<std::int32_t>{0}, dy),
               std::invalid_argument);
}

TEST_P(BackendOperation, AdamFollowsItsRecurrence) {
  constexpr std::int64_t kSize = 4099;
  AdamStep step{.learning_rate = 0.01F, .weight_decay = 0.1F};
  const auto start = random_values(kSize, random_);
  Tensor parameter = backend_->from_host({kSize}, start);
  Tensor m = backend_->zeros({kSize}), v = backend_->zeros({kSize});
  std::vector<double> p_expected(start.begin(), start.end()), m_expected(kSize), v_expected(kSize);
  for (step.step = 1; step.step <= 5; ++step.step) {
    const auto gradient = random_values(kSize, random_);
    backend_->adam_update(step, backend_->from_host({kSize}, gradient), parameter, m, v);
    for (std::size_t i = 0; i < gradient.size(); ++i) {
      const double g = gradient[i];
      m_expected[i] = 0.9 * m_expected[i] + 0.1 * g;
      v_expected[i] = 0.999 * v_expected[i] + 0.001 * g * g;
      const double m_hat = m_expected[i] / (1 - std::pow(0.9, step.step));
      const double v_hat = v_expected[i] / (1 - std::pow(0.999, step.step));
      p_expected[i] -= 0.01 * (m_hat / (std::sqrt(v_hat) + 1e-8) + 0.1 * p_expected[i]);
    }
  }
  const auto values = backend_->to_host(parameter);
  for (std::size_t i = 0; i < values.size(); ++i) ASSERT_NEAR(values[i], p_expected[i], 1e-5);
}

TEST_P(BackendOperation, RmsNormalizationAndItsGradientEqualTheirFormulas) {
  constexpr std::int64_t kRows = 11, kDim = 37;
  std::vector<float> x = random_values(kRows * kDim, random_);
  std::fill(x.begin(), x.begin() + kDim, 0.0F);  // below the least mean square
  const std::vector<float> dy = random_values(kRows * kDim, random_);
  Tensor y = backend_->zeros({kRows, kDim}), dx = backend_->zeros({kRows, kDim});
  const Tensor on_device = backend_->from_host({kRows, kDim}, x);
  backend_->rms_normalize(0.5F, on_device, y);
  backend_->rms_normalize_backward(0.5F, on_device, backend_->from_host({kRows, kDim}, dy), dx);
  const std::vector<float> got = backend_->to_host(y), got_dx = backend_->to_host(dx);
  for (std::int64_t r = 0; r < kRows; ++r) {
    double squares = 0.0, products = 0.0;
    for (std::int64_t d = 0; d < kDim; ++d) {
      const double value = x[r * kDim + d];
      squares += value * value;
      products += value * dy[r * kDim + d];
    }
    const double factor = 0.5 / std::sqrt(std::max(squares / kDim, std::ldexp(1.0, -66)));
    for (std::int64_t d = 0; d < kDim; ++d) {
      const double value = x[r * kDim + d];
      const double slope = r == 0 ? 0.0 : products / squares;
      ASSERT_NEAR(got[r * kDim + d], factor * value, 1e-5);
      ASSERT_NEAR(got_dx[r * kDim + d] / factor, dy[r * kDim + d] - slope * value, 1e-5);
    }
  }
}

TEST_P(BackendOperation, RunningMeansAndTheirGradientEqualTheirFormulas) {
  constexpr std::int64_t kSequences = 3, kFrames = 9, kDim = 5;
  const RunningMean mean{.decay = 0.75F, .prior_frames = 2.0F};
  const Shape shape{kSequences, kFrames, kDim};
  const std::vector<float> x = random_values(kSequences * kFrames * kDim, random_);
  const std::vector<float> dy = random_values(kSequences * kFrames * kDim, random_);
  Tensor y = backend_->zeros(shape), dx = backend_->zeros(shape);
  backend_->subtract_running_mean(mean, backend_->from_host(shape, x), y);
  backend_->subtract_running_mean_backward(mean, backend_->from_host(shape, dy), dx);
  const std::vector<float> got = backend_->to_host(y), got_dx = backend_->to_host(dx);
  /// How much of frame s there is in the mean at frame t, s <= t.
  const auto share = [](std::int64_t t, std::int64_t s) {
    double count = 0.0;
    for (std::int64_t u = 0; u <= t; ++u) count += std::pow(0.75, u);
    return std::pow(0.75, t - s) / (2.0 + count);
  };
  for (std::int64_t i = 0; i < kSequences * kDim; ++i) {
    const std::int64_t first = i / kDim * kFrames * kDim + i % kDim;
    for (std::int64_t t = 0; t < kFrames; ++t) {
      double expected = x[first + t * kDim];
      for (std::int64_t s = 0; s <= t; ++s) expected -= share(t, s) * x[first + s * kDim];
      double expected_dx = dy[first + t * kDim];
      for (std::int64_t u = t; u < kFrames; ++u) expected_dx -= share(u, t) * dy[first + u * kDim];
      ASSERT_NEAR(got[first + t * kDim], expected, 1e-5);
      ASSERT_NEAR(got_dx[first + t * kDim], expected_dx, 1e-5);
    }
  }
}

TEST_P(BackendOperation, ColumnsAreSelected) {
  constexpr std::int64_t kRows = 9, kDim = 7;
  const std::vector<std::int32_t> columns{6, 0, 0, 3, 6, 2, 1, 5, 4, 6, 6};
  const auto count = static_cast<std::int64_t>(columns.size());
  const std::vector<float> x = random_values(kRows * kDim, random_);
  DeviceBuffer<std::int32_t> on_device(backend_->memory(), columns.size());
  on_device.copy_from_host(columns);
  Tensor y = backend_->zeros({kRows, count});
  backend_->select_columns(backend_->from_host({kRows, kDim}, x), on_device.data(), y);
  const std::vector<float> got = backend_->to_host(y);
  for (std::int64_t r = 0; r < kRows; ++r) {
    for (std::int64_t d = 0; d < count; ++d) {
      EXPECT_EQ(got[r * count + d], x[r * kDim + columns[static_cast<std::size_t>(d)]]);
    }
  }
}

TEST_P(BackendOperation, ShapesThatDoNotFitAreRefusedByName) {
  Tensor a = backend_->zeros({4, 3}), b = backend_->zeros({3, 4}), v = backend_->zeros({3});
  Tensor sequences = backend_->zeros({1, 4, 3});
  const auto refused = [](const std::string& operation, const auto& call) {
    try {
      call();
      ADD_FAILURE() << operation << " accepted it";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), ::testing::StartsWith(operation + ": "));
    }
  };
  refused("add_bias", [&] { backend_->add_bias(v, b); });
  refused("sum_rows", [&] { backend_->sum_rows(b, v, Accumulate::kNo); });
  refused("unfold", [&] { backend_->unfold(a, {}, a); });
  refused("unfold", [&] { backend_->unfold(sequences, {.stride = 0}, sequences); });
  refused("fold", [&] { backend_->fold(sequences, {.kernel = 2}, sequences); });
  refused("add_scaled", [&] { backend_->add_scaled(1, a, b); });
  refused("activate", [&] { backend_->activate(ActivationKind::kTanh, a, b); });
  refused("activate_backward",
          [&] { backend_->activate_backward(ActivationKind::kRelu, a, a, b); });
  refused("dropout", [&] { backend_->dropout({}, a, b); });
  refused("dropout", [&] { backend_->dropout({.rate = 1.0F}, a, a); });
  refused("row_statistics", [&] { backend_->row_statistics(b, v, v); });
  refused("row_statistics", [&] { backend_->row_statistics(backend_->empty({0, 3}), v, v); });
  refused("scale_and_shift", [&] { backend_->scale_and_shift(b, v, v, b); });
  refused("apply", [&] { backend_->apply({.weight = b, .bias = v}, a, b); });
  refused("multiply", [&] { backend_->apply({.weight = a}, a, a); });
  refused("scale_shift_and_add", [&] { backend_->scale_shift_and_add(v, v, 1.0F, b, a); });
  refused("scale_shift_and_add", [&] { backend_->scale_shift_and_add(v, v, 1.0F, b, b); });
  refused("normalization_factors", [&] {
    backend_->normalization_factors({v, v, v, v}, v, backend_->zeros({2}));
  });
  refused("normalization_backward", [&] {
    backend_->normalization_backward({v, v, v, v}, a, b, {v, v, a});
  });
  refused("log_softmax", [&] { backend_->log_softmax(a, b); });
  refused("log_softmax_backward", [&] { backend_->log_softmax_backward(a, b, a); });
  refused("subtract_running_mean", [&] { backend_->subtract_running_mean({}, a, a); });
  refused("subtract_running_mean_backward",
          [&] { backend_->subtract_running_mean_backward({}, a, b); });
  refused("rms_normalize", [&] { backend_->rms_normalize(1.0F, a, b); });
  refused("rms_normalize_backward", [&] { backend_->rms_normalize_backward(1.0F, a, a, b); });
  refused("select_columns", [&] { backend_->select_columns(a, nullptr, b); });
  refused("adam_update", [&] { backend_->adam_update({}, a, a, a, b); });
  refused("adam_update", [&] { backend_->adam_update({.step = 0}, a, a, a, a); });
  refused("from_host", [&] { backend_->from_host({4}, std::vector<float>(3)); });
  refused("copy", [&] { backend_->copy(a, v); });
  refused("create_backend", [&] { create_backend({.device = {}, .thread_count = 0}); });
}

}  // namespace
}  // namespace harpy::testing

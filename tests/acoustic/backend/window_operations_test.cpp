// Convolution and pooling over time and frequency against plain loops in double.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/bfloat16.hpp"
#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

struct PlaneCase {
  const char* name;
  PlaneWindow window;
  std::int64_t channels, output_channels, frames;
};

/// Odd extents; sequences are five, so that three threads get unequal shares.
constexpr PlaneCase kPlanes[] = {
    {"OneTap", {}, 3, 5, 7},
    {"OneChannel",
     {.time = {.kernel = 3, .left = 1}, .bins = 20, .kernel_bins = 3, .padding_bins = 1},
     1,
     32,
     17},
    {"Channels",
     {.time = {.kernel = 3, .left = 1}, .bins = 11, .kernel_bins = 5, .padding_bins = 2},
     16,
     32,
     9},
    {"OddChannels",
     {.time = {.kernel = 2, .left = 0}, .bins = 6, .kernel_bins = 2, .padding_bins = 0},
     7,
     13,
     10},
    {"Strided",
     {.time = {.kernel = 3, .stride = 2, .left = 1},
      .bins = 13,
      .kernel_bins = 3,
      .stride_bins = 2,
      .padding_bins = 1},
     8,
     16,
     14},
    {"StrideBeyondKernel",
     {.time = {.kernel = 2, .stride = 5, .left = 0}, .bins = 9, .kernel_bins = 2, .stride_bins = 4},
     5,
     4,
     18},
    {"Dilated",
     {.time = {.kernel = 3, .dilation = 4, .left = 4},
      .bins = 5,
      .kernel_bins = 3,
      .padding_bins = 1},
     4,
     6,
     15},
    {"Causal",
     {.time = {.kernel = 4, .left = 3}, .bins = 4, .kernel_bins = 4, .padding_bins = 0},
     2,
     3,
     8},
    {"ShorterThanTheKernel",
     {.time = {.kernel = 5, .left = 2}, .bins = 3, .kernel_bins = 3, .padding_bins = 1},
     2,
     3,
     1},
};
constexpr std::int64_t kWindowSequences = 5;

std::int64_t output_frames(const PlaneCase& plane) {
  return (plane.frames + plane.window.time.stride - 1) / plane.window.time.stride;
}

/// Calls visit(output row [b, t, f], input row [b, s, g], tap) for everything that is seen; rows
/// hold one bin's channels, taps count frames, then bins.
template <typename Visit>
void for_each_tap(const PlaneCase& plane, const Visit& visit) {
  const PlaneWindow& w = plane.window;
  for (std::int64_t b = 0; b < kWindowSequences; ++b) {
    for (std::int64_t t = 0; t < output_frames(plane); ++t) {
      for (std::int64_t f = 0; f < w.output_bins(); ++f) {
        for (std::int64_t k = 0; k < w.time.kernel; ++k) {
          for (std::int64_t j = 0; j < w.kernel_bins; ++j) {
            const std::int64_t s = t * w.time.stride + k * w.time.dilation - w.time.left;
            const std::int64_t g = f * w.stride_bins + j - w.padding_bins;
            if (s < 0 || s >= plane.frames || g < 0 || g >= w.bins) continue;
            visit((b * output_frames(plane) + t) * w.output_bins() + f,
                  (b * plane.frames + s) * w.bins + g, k * w.kernel_bins + j);
          }
        }
      }
    }
  }
}

class BackendWindows : public ::testing::TestWithParam<std::tuple<BackendCase, PlaneCase>> {
 protected:
  template <typename Round>
  void expect_convolutions(Backend& backend, const Round& round);

  std::unique_ptr<Backend> backend_ = backend_of(std::get<0>(GetParam()));
  const PlaneCase& plane_ = std::get<1>(GetParam());
  std::mt19937 random_{3};
  Shape x_shape_{kWindowSequences, plane_.frames, plane_.window.bins* plane_.channels};

  Shape y_shape(std::int64_t channels) const {
    return {kWindowSequences, output_frames(plane_), plane_.window.output_bins() * channels};
  }
};
INSTANTIATE_TEST_SUITE_P(
    Devices, BackendWindows,
    ::testing::Combine(::testing::ValuesIn(backend_cases()), ::testing::ValuesIn(kPlanes)),
    [](const auto& tested) {
      return case_name({std::get<0>(tested.param), tested.index}) + std::get<1>(tested.param).name;
    });

/// Expects convolutions and gradients to be the sums in double over taps; round is what happens to
/// a factor first.
template <typename Round>
void BackendWindows::expect_convolutions(Backend& backend, const Round& round) {
  const std::int64_t in = plane_.channels, out = plane_.output_channels;
  const Shape weight_shape{plane_.window.time.kernel * plane_.window.kernel_bins * in, out};
  const auto x = random_values(x_shape_.size(), random_);
  const auto weight = random_values(weight_shape.size(), random_);
  const auto dy = random_values(y_shape(out).size(), random_);
  const auto start = random_values(weight_shape.size(), random_);
  std::vector<double> y(dy.size(), 0.0), dx(x.size(), 0.0);
  std::vector<double> dweight(start.begin(), start.end());
  for_each_tap(plane_, [&](std::int64_t to, std::int64_t from, std::int64_t tap) {
    for (std::int64_t c = 0; c < in; ++c) {
      for (std::int64_t o = 0; o < out; ++o) {
        const std::int64_t w = (tap * in + c) * out + o;
        y[to * out + o] += round(x[from * in + c]) * round(weight[w]);
        dx[from * in + c] += round(dy[to * out + o]) * round(weight[w]);
        dweight[w] += round(x[from * in + c]) * round(dy[to * out + o]);
      }
    }
  });
  const auto expect_values = [&](const Tensor& got, const std::vector<double>& expected) {
    EXPECT_LT(largest_difference(backend.to_host(got),
                                 std::vector<float>(expected.begin(), expected.end())),
              1e-4);
  };
  const Tensor x_device = backend.from_host(x_shape_, x);
  const Tensor dy_device = backend.from_host(y_shape(out), dy);
  const Tensor weight_device = backend.from_host(weight_shape, weight);
  Tensor y_device = backend.empty(y_shape(out));
  Tensor dx_device = backend.empty(x_shape_);
  Tensor dweight_device = backend.from_host(weight_shape, start);
  backend.convolve(plane_.window, x_device, weight_device, y_device);
  backend.convolve_input_gradient(plane_.window, dy_device, weight_device, dx_device);
  backend.convolve_weight_gradient(plane_.window, x_device, dy_device, dweight_device);
  expect_values(y_device, y);
  expect_values(dx_device, dx);
  expect_values(dweight_device, dweight);

  const auto first = backend.to_host(y_device);
  backend.convolve(plane_.window, x_device, weight_device, y_device);
  EXPECT_EQ(backend.to_host(y_device), first);
}

TEST_P(BackendWindows, ConvolutionAndItsGradientsEqualTheSumsOverTaps) {
  expect_convolutions(*backend_, [](float factor) { return double{factor}; });
}

TEST_P(BackendWindows, InBfloat16ConvolutionsEqualTheSumsOverRoundedFactors) {
  expect_convolutions(*backend_of(std::get<0>(GetParam()), Precision::kBfloat16),
                      [](float factor) { return double{from_bfloat16(to_bfloat16(factor))}; });
}

TEST_P(BackendWindows, PoolingTakesTheLargestOrTheMeanOfWhatIsInside) {
  const std::int64_t channels = plane_.channels;
  const auto x = random_values(x_shape_.size(), random_);
  const auto dy = random_values(y_shape(channels).size(), random_);
  const std::size_t outputs = dy.size();
  std::vector<float> largest(outputs, -std::numeric_limits<float>::infinity());
  std::vector<std::size_t> largest_at(outputs), seen(outputs, 0);
  std::vector<float> mean(outputs, 0.0F), dx_max(x.size(), 0.0F), dx_mean(x.size(), 0.0F);
  const auto for_each_value = [&](const auto& visit) {
    for_each_tap(plane_, [&](std::int64_t to, std::int64_t from, std::int64_t) {
      for (std::int64_t c = 0; c < channels; ++c) visit(to * channels + c, from * channels + c);
    });
  };
  for_each_value([&](std::size_t to, std::size_t from) {
    ++seen[to];
    if (x[from] <= largest[to]) return;
    largest[to] = x[from];
    largest_at[to] = from;
  });
  for_each_value([&](std::size_t to, std::size_t from) {
    mean[to] += x[from] / static_cast<float>(seen[to]);
    dx_mean[from] += dy[to] / static_cast<float>(seen[to]);
  });
  for (std::size_t i = 0; i < outputs; ++i) dx_max[largest_at[i]] += dy[i];

  const Tensor x_device = backend_->from_host(x_shape_, x);
  const Tensor dy_device = backend_->from_host(y_shape(channels), dy);
  Tensor y_device = backend_->empty(y_shape(channels));
  Tensor dx_device = backend_->empty(x_shape_);
  for (const Pooling pooling : {Pooling::kMax, Pooling::kAverage}) {
    const bool is_max = pooling == Pooling::kMax;
    backend_->pool(pooling, plane_.window, x_device, y_device);
    backend_->pool_backward(pooling, plane_.window, {x_device, y_device, dy_device}, dx_device);
    EXPECT_LT(largest_difference(backend_->to_host(y_device), is_max ? largest : mean), 1e-5);
    EXPECT_LT(largest_difference(backend_->to_host(dx_device), is_max ? dx_max : dx_mean), 1e-5);
  }
}

class BackendPooling : public BackendTest {};
INSTANTIATE_TEST_SUITE_P(Devices, BackendPooling, ::testing::ValuesIn(backend_cases()), case_name);

TEST_P(BackendPooling, OfEqualLargestValuesTheFirstGetsTheGradient) {
  const PlaneWindow window{.time = {.kernel = 2, .stride = 2}};
  const Tensor x = backend_->from_host({1, 4, 1}, std::vector<float>{2, 2, 1, 3});
  const Tensor dy = backend_->from_host({1, 2, 1}, std::vector<float>{5, 7});
  Tensor y = backend_->empty({1, 2, 1});
  Tensor dx = backend_->empty({1, 4, 1});
  backend_->pool(Pooling::kMax, window, x, y);
  backend_->pool_backward(Pooling::kMax, window, {x, y, dy}, dx);
  EXPECT_EQ(backend_->to_host(y), (std::vector<float>{2, 3}));
  EXPECT_EQ(backend_->to_host(dx), (std::vector<float>{5, 0, 0, 7}));
}

TEST_P(BackendPooling, WindowsThatDoNotFitAreRefusedByName) {
  const auto refused = [](const std::string& text, const auto& call) {
    try {
      call();
      ADD_FAILURE() << text << " accepted";
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(text));
    }
  };
  const Tensor x = backend_->zeros({2, 5, 6});
  const Tensor weight = backend_->zeros({9, 4});  // 3 frames, 3 bins, 1 channel
  Tensor y = backend_->zeros({2, 5, 16});
  const PlaneWindow good{.time = {.kernel = 3, .left = 1}, .bins = 6, .kernel_bins = 3};
  backend_->convolve(good, x, weight, y);
  const auto convolve = [&](const auto& change) {
    return [&, change] {
      PlaneWindow window = good;
      change(window);
      backend_->convolve(window, x, weight, y);
    };
  };
  refused("convolve: window", convolve([](PlaneWindow& w) { w.time.stride = 0; }));
  refused("convolve: window", convolve([](PlaneWindow& w) { w.time.left = -1; }));
  refused("convolve: window", convolve([](PlaneWindow& w) { w.time.left = 3; }));
  refused("convolve: window", convolve([](PlaneWindow& w) { w.stride_bins = 0; }));
  refused("convolve: window", convolve([](PlaneWindow& w) { w.padding_bins = 3; }));
  refused("convolve: window", convolve([](PlaneWindow& w) { w.kernel_bins = 7; }));
  refused("convolve: frames", convolve([](PlaneWindow& w) { w.bins = 4; }));
  refused("convolve: weight", convolve([](PlaneWindow& w) { w.kernel_bins = 2; }));
  refused("convolve: output", convolve([](PlaneWindow& w) { w.padding_bins = 1; }));
  refused("convolve: output", convolve([](PlaneWindow& w) { w.time.stride = 2; }));
  refused("convolve: output", [&] {
    backend_->convolve(good, x, weight, backend_->zeros({2, 3, 16}));
  });
  refused("convolve_input_gradient: frames",
          [&] { backend_->convolve_input_gradient(good, x, weight, y); });
  refused("convolve_weight_gradient: output", [&] {
    backend_->convolve_weight_gradient(good, x, backend_->zeros({1, 5, 16}),
                                       backend_->zeros({9, 4}));
  });
  refused("pool: output", [&] { backend_->pool(Pooling::kMax, {}, x, y); });
  refused("pool: window", [&] {
    Tensor longer = backend_->zeros({2, 6, 6});
    backend_->pool(Pooling::kMax, {}, x, longer);
  });
  refused("pool: window", [&] {
    Tensor same = backend_->zeros({2, 5, 6});
    backend_->pool(Pooling::kMax, {.time = {.left = 1}}, x, same);
  });
  refused("pool_backward: dy", [&] {
    backend_->pool_backward(Pooling::kMax, {}, {x, x, y}, backend_->zeros(x.shape()));
  });
}

}  // namespace
}  // namespace harpy::testing

// oneDNN falls back to its reference kernels, hundreds of times slower, without a word: here it
// tells which kernels it runs.
#include <dnnl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"

namespace harpy::testing {
namespace {

/// "kind kernel" of each primitive that `work` executes, as "convolution brgconv:avx512_core".
template <typename Work>
std::vector<std::string> kernels_of(const Work& work) {
  std::fflush(stdout);
  ::testing::internal::CaptureStdout();
  dnnl_set_verbose(1);
  work();
  dnnl_set_verbose(0);
  std::fflush(stdout);
  std::istringstream lines(::testing::internal::GetCapturedStdout());
  std::vector<std::string> kernels;
  for (std::string line; std::getline(lines, line);) {
    constexpr std::string_view kExecuted = ",exec,cpu,";
    const std::size_t start = line.find(kExecuted);
    if (start == std::string::npos) continue;
    std::istringstream fields(line.substr(start + kExecuted.size()));
    std::string kind, kernel;
    std::getline(fields, kind, ',');
    std::getline(fields, kernel, ',');
    kernels.push_back(kind + " " + kernel);
  }
  return kernels;
}

TEST(OneDnnKernels, AreNeverTheReferenceInConvolutionsOfAnyKind) {
  const auto backend = create_backend({});
  struct Case {
    PlaneWindow window;
    std::int64_t channels, output_channels, frames;
  };
  const TimeWindow three{.kernel = 3, .left = 1};
  const TimeWindow five{.kernel = 5, .left = 2};
  for (const Case& c : {
           Case{{.time = three, .bins = 80, .kernel_bins = 3, .padding_bins = 1}, 1, 32, 40},
           Case{{.time = {.kernel = 3, .stride = 3, .left = 1},
           .bins = 80,
           .kernel_bins = 3,
           .stride_bins = 2,
           .padding_bins = 1},
                1,
                32,
                40},
           Case{{.time = three, .bins = 40, .kernel_bins = 3, .padding_bins = 1}, 32, 64, 40},
           Case{{.time = three, .bins = 20, .kernel_bins = 3, .stride_bins = 2, .padding_bins = 1},
                64,
                64,
                40},
           Case{{.time = five, .bins = 28, .kernel_bins = 5, .padding_bins = 2}, 1, 20, 28},
           Case{{.time = five, .bins = 14, .kernel_bins = 5, .padding_bins = 2}, 20, 50, 14},
           Case{{.time = {.kernel = 3, .dilation = 3, .left = 3}, .bins = 13, .kernel_bins = 5},
                7,
                11,
                30},
       }) {
    const std::int64_t output_frames = (c.frames + c.window.time.stride - 1) / c.window.time.stride;
    const Tensor x = backend->zeros({2, c.frames, c.window.bins * c.channels});
    const Tensor weight = backend->zeros(
        {c.window.time.kernel * c.window.kernel_bins * c.channels, c.output_channels});
    Tensor y = backend->zeros({2, output_frames, c.window.output_bins() * c.output_channels});
    Tensor dx = backend->zeros(x.shape());
    Tensor weight_gradient = backend->zeros(weight.shape());
    const std::vector<std::string> kernels = kernels_of([&] {
      backend->convolve(c.window, x, weight, y);
      backend->convolve_input_gradient(c.window, y, weight, dx);
      backend->convolve_weight_gradient(c.window, x, y, weight_gradient);
    });
    std::int64_t convolutions = 0;
    for (const std::string& kernel : kernels) {
      if (kernel.starts_with("convolution ")) ++convolutions;
      EXPECT_THAT(kernel, ::testing::Not(::testing::HasSubstr("ref")));
    }
    EXPECT_EQ(convolutions, 3);
  }
}

}  // namespace
}  // namespace harpy::testing

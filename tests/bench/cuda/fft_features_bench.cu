// Log mel features on a GPU in two ways: the project's fused kernel (DeviceFeatures) and kernels
// around cuFFT with a product for the filters. Usage: fft_features_bench [cuda:N].
// Prints how many times real time each is, for blocks of many streams and for whole recordings; the
// values must agree within 1e-3.
#include <cuda_runtime_api.h>
#include <cufft.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <exception>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "acoustic/backend/cuda/backend_stream.hpp"
#include "acoustic/backend/cuda/launch.cuh"
#include "acoustic/backend/device_buffer.hpp"
#include "frontend/device_features.hpp"
#include "frontend/feature_extractor.hpp"
#include "frontend/mel_filterbank.hpp"
#include "frontend/window.hpp"
#include "tests/bench/measurement.hpp"

namespace harpy::bench {
namespace {

constexpr int kFrameLength = 400;
constexpr int kFrameShift = 160;
constexpr int kFftSize = 512;
constexpr int kBins = 80;
constexpr double kFrameShift_s = 0.01;
constexpr float kFullScale = 32768.0F;  ///< samples are taken as 16-bit numbers

void check_fft(cufftResult status) {
  if (status != CUFFT_SUCCESS) {
    throw std::runtime_error("cuFFT: status " + std::to_string(static_cast<int>(status)));
  }
}

/// A thread a frame's sample: mean removed, preemphasised, windowed, filled up with zeros.
struct WindowFrames {
  const float* samples;
  const float* window;
  const float* means;
  float preemphasis;
  std::int64_t frames_a_row, samples_a_row;
  float* output;

  __device__ const float* frame(std::uint32_t row) const {
    return samples + row / frames_a_row * samples_a_row + row % frames_a_row * kFrameShift;
  }
  __device__ void operator()(std::uint32_t row, std::uint32_t i) const {
    float value = 0.0F;
    if (i < kFrameLength) {
      const float* const own = frame(row);
      const float mean = means[row];
      value = ((own[i] - mean) - preemphasis * (own[i > 0 ? i - 1 : 0] - mean)) * window[i] *
              kFullScale;
    }
    output[std::int64_t{row} * kFftSize + i] = value;
  }
};

/// A thread a frame.
struct Mean {
  const float* samples;
  std::int64_t frames_a_row, samples_a_row;
  float* means;

  __device__ void operator()(std::int64_t row) const {
    const float* const own =
        samples + row / frames_a_row * samples_a_row + row % frames_a_row * kFrameShift;
    float sum = 0.0F;
    for (int i = 0; i < kFrameLength; ++i) sum += own[i];
    means[row] = sum / kFrameLength;
  }
};

/// A thread a bin of a frame's spectrum, that of half the sample rate left out.
struct Power {
  const cufftComplex* spectrum;
  float* power;

  __device__ void operator()(std::uint32_t row, std::uint32_t bin) const {
    const cufftComplex value = spectrum[std::int64_t{row} * (kFftSize / 2 + 1) + bin];
    power[std::int64_t{row} * (kFftSize / 2) + bin] = value.x * value.x + value.y * value.y;
  }
};

struct Logarithm {
  float* values;

  __device__ void operator()(std::int64_t i) const {
    values[i] = logf(fmaxf(values[i], 1.1920929e-07F));
  }
};

/// Features by way of cuFFT, of rows that all have as many frames.
class FftFeatures {
 public:
  FftFeatures(Backend& backend, const FeatureOptions& options, std::int64_t rows,
              std::int64_t frames_a_row)
      : backend_(backend),
        preemphasis_(static_cast<float>(options.preemphasis)),
        rows_(rows),
        frames_a_row_(frames_a_row),
        window_(on_device(make_window(options.window, kFrameLength))),
        means_(backend.empty({rows * frames_a_row})),
        frames_(backend.empty({rows * frames_a_row, kFftSize})),
        spectrum_(backend.memory(),
                  static_cast<std::size_t>(rows * frames_a_row * (kFftSize / 2 + 1))),
        power_(backend.empty({rows * frames_a_row, kFftSize / 2})) {
    const MelFilterbank mel({.sample_rate_hz = options.sample_rate_hz,
                             .fft_size = kFftSize,
                             .bin_count = kBins,
                             .low_freq_hz = options.low_freq_hz,
                             .high_freq_hz = upper_edge_hz(options)});
    filters_ = backend.from_host({kBins, kFftSize / 2}, mel.dense_weights());
    check_fft(cufftPlan1d(&plan_, kFftSize, CUFFT_R2C, static_cast<int>(rows * frames_a_row)));
    check_fft(cufftSetStream(plan_, cuda::stream_of(backend)));
  }
  ~FftFeatures() { cufftDestroy(plan_); }
  FftFeatures(const FftFeatures&) = delete;
  FftFeatures& operator=(const FftFeatures&) = delete;

  /// Shapes: samples [rows, samples_a_row], output [rows * frames_a_row, bins].
  void compute(const float* samples, std::int64_t samples_a_row, TensorView output) {
    const cudaStream_t stream = cuda::stream_of(backend_);
    const std::int64_t frames = rows_ * frames_a_row_;
    cuda::for_each_value(stream, frames,
                         Mean{samples, frames_a_row_, samples_a_row, means_.data()});
    cuda::for_each_cell(stream, frames, kFftSize,
                        WindowFrames{samples, window_.data(), means_.data(), preemphasis_,
                                     frames_a_row_, samples_a_row, frames_.data()});
    check_fft(cufftExecR2C(plan_, frames_.data(), spectrum_.data()));
    cuda::for_each_cell(stream, frames, kFftSize / 2, Power{spectrum_.data(), power_.data()});
    backend_.multiply(power_, Transpose::kNo, filters_, Transpose::kYes, output, Accumulate::kNo);
    cuda::for_each_value(stream, output.size(), Logarithm{output.data});
  }

 private:
  Tensor on_device(const std::vector<float>& values) const {
    return backend_.from_host({static_cast<std::int64_t>(values.size())}, values);
  }

  Backend& backend_;
  float preemphasis_;
  std::int64_t rows_, frames_a_row_;
  Tensor window_, filters_, means_, frames_;
  DeviceBuffer<cufftComplex> spectrum_;
  Tensor power_;
  cufftHandle plan_ = 0;
};

void compare(Backend& backend, std::int64_t rows, std::int64_t frames_a_row) {
  const FeatureOptions options{.kind = FeatureKind::kLogMel, .bin_count = kBins};
  const std::int64_t samples_a_row = (frames_a_row - 1) * kFrameShift + kFrameLength;
  std::mt19937 random(1);
  std::uniform_real_distribution<float> value(-0.5F, 0.5F);
  std::vector<float> samples(static_cast<std::size_t>(rows * samples_a_row));
  for (float& sample : samples) sample = value(random);
  const Tensor on_device = backend.from_host({rows, samples_a_row}, samples);
  Tensor fused = backend.empty({rows * frames_a_row, kBins});
  Tensor by_fft = backend.empty(fused.shape());

  DeviceFeatures features(backend, options);
  std::vector<DeviceAudio> audio;
  for (std::int64_t row = 0; row < rows; ++row) {
    audio.push_back({.floats = on_device.data() + row * samples_a_row,
                     .held_count = samples_a_row,
                     .sample_count = samples_a_row,
                     .frame_count = frames_a_row,
                     .output = fused.data() + row * frames_a_row * kBins});
  }
  FftFeatures fft_features(backend, options, rows, frames_a_row);
  const double fused_s = seconds_a_call(backend, 0.5, [&] { features.compute(backend, audio); });
  const double by_fft_s = seconds_a_call(
      backend, 0.5, [&] { fft_features.compute(on_device.data(), samples_a_row, by_fft); });

  const std::vector<float> a = backend.to_host(fused);
  const std::vector<float> b = backend.to_host(by_fft);
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  }
  const double audio_s = static_cast<double>(rows * frames_a_row) * kFrameShift_s;
  std::printf("%5lld rows of %5lld frames: fused %9.0f, cuFFT %9.0f x real time; differ by %.1e\n",
              static_cast<long long>(rows), static_cast<long long>(frames_a_row), audio_s / fused_s,
              audio_s / by_fft_s, largest);
  if (!(largest < 1e-3)) throw std::runtime_error("the features differ");
}

}  // namespace
}  // namespace harpy::bench

int main(int argc, char** argv) {
  try {
    const auto backend =
        harpy::create_backend({.device = harpy::parse_device(argc > 1 ? argv[1] : "cuda")});
    for (const int streams : {8, 64, 512}) harpy::bench::compare(*backend, streams, 12);
    harpy::bench::compare(*backend, 64, 1000);
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "fft_features_bench: %s\n", error.what());
    return 1;
  }
}

// The network alone and the features alone on a device:
//   device_bench MODEL DEVICE PRECISION
// Network: blocks of many streams, features at hand. Its products are compared with one large
// product, and the least that must pass through memory with one large copy, both of the same
// backend in the same run. Features: blocks of many streams, whose samples come from the host, and
// whole recordings whose samples are on the device.
#include <cstdint>
#include <cstdio>
#include <exception>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "acoustic/acoustic_batch.hpp"
#include "frontend/device_feature_batch.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/bench/block_cost.hpp"
#include "tests/bench/measurement.hpp"
#include "tests/frontend/whole_batch.hpp"

namespace harpy::bench {
namespace {

constexpr double kLeast_s = 0.7;
constexpr double kRecording_s = 10.0;

std::vector<float> noise(std::int64_t count) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = normal(random);
  return values;
}

/// What the device can do at best, a second, as its backend shows it.
struct Limits {
  double operations = 0.0;
  double bytes = 0.0;
};

Limits measure_limits(Backend& backend) {
  const bool is_on_cpu = backend.device().kind == DeviceKind::kCpu;
  const std::int64_t extent = is_on_cpu ? 1024 : 8192;
  const Tensor a = backend.zeros({extent, extent});
  const Tensor b = backend.zeros({extent, extent});
  Tensor c = backend.zeros({extent, extent});
  const double product_s = seconds_a_call(backend, kLeast_s, [&] {
    backend.multiply(a, Transpose::kNo, b, Transpose::kNo, c, Accumulate::kNo);
  });
  const Tensor from = backend.zeros({is_on_cpu ? 64 : 512, 1 << 20});
  Tensor to = backend.zeros(from.shape());
  const double copy_s = seconds_a_call(backend, kLeast_s, [&] { backend.copy(from, to); });
  const auto size = static_cast<double>(extent);
  return {.operations = 2.0 * size * size * size / product_s,
          .bytes = 2.0 * sizeof(float) * static_cast<double>(from.size()) / copy_s};
}

void measure_network(const ModelPackage& model, Backend& backend, std::int64_t stream_count,
                     const Limits& limits) {
  const auto& grid = model.acoustic_grid();
  AcousticBatch batch(grid, backend,
                      {.bucket_sizes = {stream_count}, .output_offsets = model.output_offsets()});
  std::vector<std::unique_ptr<AcousticStream>> streams;
  std::vector<AcousticStream*> pointers;
  for (std::int64_t i = 0; i < stream_count; ++i) {
    streams.push_back(std::make_unique<AcousticStream>(grid, backend));
    pointers.push_back(streams.back().get());
  }
  const Shape shape{stream_count, grid->input_frames(), model.acoustic()->feature_dim()};
  const Tensor features = backend.from_host(shape, noise(shape.size()));
  bool is_filled = false;
  const auto fill = [&](std::size_t, std::size_t, TensorView target) {
    if (!is_filled) backend.copy(features, target);
    is_filled = true;
  };
  const double seconds = seconds_a_call(backend, kLeast_s, [&] {
    for (AcousticStream* const stream : pointers) stream->accept_frames(grid->input_frames());
    batch.advance(pointers, fill);
  });
  const auto count = static_cast<double>(stream_count);
  const double block_s =
      static_cast<double>(grid->input_frames()) * model.features()->frame_shift_s();
  std::printf("network, %4ld streams: %10.0f x real time, %8.3f ms a block",
              static_cast<long>(stream_count), count * block_s / seconds, 1e3 * seconds);
  if (const auto cost = block_cost(*grid)) {
    const double operations = count * cost->operations / seconds;
    const double bytes = cost->bytes(count) / seconds;
    std::printf("; %8.1f GFLOP/s, %4.1f %% of a large product; %7.1f GB/s, %4.1f %% of a copy",
                1e-9 * operations, 100.0 * operations / limits.operations, 1e-9 * bytes,
                100.0 * bytes / limits.bytes);
  }
  std::printf("\n");
}

void print_features(const char* what, std::size_t count, double audio_s, double seconds) {
  std::printf("features, %4zu %s: %10.0f x real time, %8.3f ms\n", count, what, audio_s / seconds,
              1e3 * seconds);
}

void measure_stream_features(const ModelPackage& model, Backend& backend,
                             std::size_t stream_count) {
  const auto& extractor = model.features();
  DeviceFeatureBatch batch(backend, extractor->options());
  std::vector<DeviceFeatureStream> streams(stream_count, DeviceFeatureStream(extractor));
  std::vector<DeviceFeatureStream*> pointers;
  for (DeviceFeatureStream& stream : streams) pointers.push_back(&stream);
  const std::int64_t frames = model.acoustic_grid()->input_frames();
  const std::vector<float> samples = noise(frames * extractor->frame_shift_samples());
  Tensor features = backend.empty(
      {static_cast<std::int64_t>(stream_count), frames, model.acoustic()->feature_dim()});
  const double seconds = seconds_a_call(backend, kLeast_s, [&] {
    for (DeviceFeatureStream* const stream : pointers) stream->accept(samples);
    harpy::testing::compute_batch(backend, batch, pointers, features);
  });
  const double block_s = static_cast<double>(frames) * extractor->frame_shift_s();
  print_features("streams, a block", stream_count, static_cast<double>(stream_count) * block_s,
                 seconds);
}

void measure_recording_features(const ModelPackage& model, Backend& backend) {
  const auto& extractor = model.features();
  const std::size_t count = backend.device().kind == DeviceKind::kCpu ? 4 : 256;
  const auto sample_count = static_cast<std::int64_t>(kRecording_s * extractor->sample_rate_hz());
  std::vector<std::int16_t> samples;
  for (const float value : noise(sample_count)) {
    samples.push_back(static_cast<std::int16_t>(1000.0F * value));
  }
  DeviceFeatures features(backend, extractor->options());
  const std::int64_t frames = extractor->frame_count(sample_count);
  Tensor output = backend.empty({static_cast<std::int64_t>(count), frames, features.dim()});
  std::vector<DeviceBuffer<std::int16_t>> buffers;
  std::vector<DeviceAudio> audio;
  for (std::size_t i = 0; i < count; ++i) {
    buffers.emplace_back(backend.memory(), samples.size()).copy_from_host(samples);
    audio.push_back(
        {.integers = buffers.back().data(),
         .held_count = sample_count,
         .sample_count = sample_count,
         .frame_count = frames,
         .output = output.data() + static_cast<std::int64_t>(i) * frames * features.dim()});
  }
  const double seconds =
      seconds_a_call(backend, kLeast_s, [&] { features.compute(backend, audio); });
  print_features("recordings", count, static_cast<double>(count) * kRecording_s, seconds);
}

void run(const char* folder, const BackendOptions& options) {
  const auto backend = create_backend(options);
  const auto model = ModelPackage::load(*backend, folder);
  const Limits limits = measure_limits(*backend);
  std::printf("%s, %s; a large product: %.1f GFLOP/s, a large copy: %.1f GB/s\n",
              to_string(options.device).c_str(), to_string(options.precision).c_str(),
              1e-9 * limits.operations, 1e-9 * limits.bytes);
  if (const auto cost = block_cost(*model->acoustic_grid())) {
    std::printf("a block of a stream: %.1f million operations, %.0f kB; weights: %.1f MB\n",
                1e-6 * cost->operations, 1e-3 * cost->stream_bytes, 1e-6 * cost->weight_bytes);
  }
  for (const std::int64_t streams : {1, 8, 64, 512}) {
    measure_network(*model, *backend, streams, limits);
  }
  if (!DeviceFeatureBatch::supports(model->features()->options())) {
    std::printf("the model's features are not computed on devices\n");
    return;
  }
  for (const std::size_t streams : {8, 64, 512}) {
    measure_stream_features(*model, *backend, streams);
  }
  measure_recording_features(*model, *backend);
}

}  // namespace
}  // namespace harpy::bench

int main(int argument_count, char** arguments) {
  try {
    if (argument_count != 4) {
      throw std::invalid_argument("usage: device_bench MODEL DEVICE PRECISION");
    }
    harpy::bench::run(arguments[1], {.device = harpy::parse_device(arguments[2]),
                                     .precision = harpy::parse_precision(arguments[3])});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "device_bench: error: %s\n", error.what());
    return 1;
  }
  return 0;
}

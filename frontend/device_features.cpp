#include "frontend/device_features.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>
#include <vector>

#include "frontend/feature_extractor.hpp"
#include "frontend/log_mel_device.hpp"
#include "frontend/mel_filterbank.hpp"
#include "frontend/noise_spectrum.hpp"
#include "frontend/window.hpp"

namespace harpy {
namespace {

constexpr std::int32_t kLongestTransform = 2048;

[[noreturn]] void refuse(const std::string& expected, const std::string& got) {
  throw std::invalid_argument("device features: expected " + expected + ", got " + got);
}

std::int32_t transform_size(std::int32_t frame_length) {
  std::int32_t size = 8;
  while (size < frame_length) size *= 2;
  return size;
}

bool has_plain_log_mel(const FeatureOptions& options) {
  return options.kind == FeatureKind::kLogMel && !options.use_energy &&
         options.normalization == NormalizationKind::kNone && options.delta_order == 0;
}

/// The filters' weights without the zeros around them.
struct SparseFilters {
  std::vector<std::int32_t> first, begin{0};
  std::vector<float> weights;

  SparseFilters(const std::vector<float>& dense, std::size_t spectrum_size) {
    for (std::size_t row = 0; row < dense.size(); row += spectrum_size) {
      std::size_t bin = 0, end = spectrum_size;
      while (bin + 1 < end && dense[row + bin] == 0.0F) ++bin;
      while (end > bin + 1 && dense[row + end - 1] == 0.0F) --end;
      first.push_back(static_cast<std::int32_t>(bin));
      for (; bin < end; ++bin) weights.push_back(dense[row + bin]);
      begin.push_back(static_cast<std::int32_t>(weights.size()));
    }
  }
};

/// Values of several arrays behind one another, and where each begins.
template <typename T>
class Joined {
 public:
  std::size_t append(const std::vector<T>& array) {
    const std::size_t offset = values_.size();
    values_.insert(values_.end(), array.begin(), array.end());
    return offset;
  }
  DeviceBuffer<T> copy_to(const Backend& backend) const {
    DeviceBuffer<T> buffer(backend.memory(), values_.size());
    buffer.copy_from_host(values_);
    return buffer;
  }

 private:
  std::vector<T> values_;
};

}  // namespace

DeviceFeatures::DeviceFeatures(Backend& backend, const FeatureOptions& options)
    : mirrors_(!options.snip_edges) {
  const FeatureExtractor extractor(options);
  if (!has_plain_log_mel(options)) {
    refuse("log mel features without energy, normalisation and deltas", "others");
  }
  tables_.frame_length = extractor.frame_length_samples();
  tables_.frame_shift = extractor.frame_shift_samples();
  tables_.first_sample = static_cast<std::int32_t>(extractor.first_sample(0));
  tables_.fft_size = transform_size(tables_.frame_length);
  if (tables_.fft_size > kLongestTransform) {
    refuse("frames of up to " + std::to_string(kLongestTransform) + " samples",
           std::to_string(tables_.frame_length));
  }
  tables_.filter_count = options.bin_count;
  tables_.remove_dc_offset = options.remove_dc_offset;
  tables_.use_power = options.use_power;
  tables_.preemphasis = static_cast<float>(options.preemphasis);

  const MelFilterbank mel({.sample_rate_hz = options.sample_rate_hz,
                           .fft_size = tables_.fft_size,
                           .bin_count = options.bin_count,
                           .low_freq_hz = options.low_freq_hz,
                           .high_freq_hz = upper_edge_hz(options)});
  const SparseFilters filters(mel.dense_weights(), static_cast<std::size_t>(tables_.half()));
  std::vector<float> roots_re, roots_im;
  for (int k = 0; k < tables_.fft_size; ++k) {
    const double angle = -2.0 * std::numbers::pi * k / tables_.fft_size;
    roots_re.push_back(static_cast<float>(std::cos(angle)));
    roots_im.push_back(static_cast<float>(std::sin(angle)));
  }
  Joined<float> floats;
  const std::vector<float> window_values = make_window(options.window, tables_.frame_length);
  const std::size_t window = floats.append(window_values);
  const std::size_t noise = floats.append(
      noise_spectrum(options.noise_floor, options.preemphasis, window_values, tables_.fft_size));
  const std::size_t re = floats.append(roots_re);
  const std::size_t im = floats.append(roots_im);
  const std::size_t weights = floats.append(filters.weights);
  floats_ = floats.copy_to(backend);
  tables_.window = floats_.data() + window;
  tables_.noise = floats_.data() + noise;
  tables_.roots_re = floats_.data() + re;
  tables_.roots_im = floats_.data() + im;
  tables_.filter_weights = floats_.data() + weights;
  Joined<std::int32_t> integers;
  const std::size_t first = integers.append(filters.first);
  const std::size_t begin = integers.append(filters.begin);
  integers_ = integers.copy_to(backend);
  tables_.filter_first = integers_.data() + first;
  tables_.filter_begin = integers_.data() + begin;
}

bool DeviceFeatures::supports(const FeatureOptions& options) {
  return has_plain_log_mel(options) &&
         transform_size(FeatureExtractor(options).frame_length_samples()) <= kLongestTransform;
}

void DeviceFeatures::compute(Backend& backend, std::span<const DeviceAudio> audio) {
  std::vector<log_mel::Job> jobs;
  std::int64_t frames = 0;
  for (const DeviceAudio& one : audio) {
    if (one.frame_count == 0) continue;
    check(one);
    jobs.push_back({.integers = one.integers,
                    .floats = one.floats,
                    .begin = one.first_held,
                    .sample_count = one.sample_count,
                    .first_frame = one.first_frame,
                    .batch_frame = frames,
                    .output = one.output});
    frames += one.frame_count;
  }
  if (frames == 0) return;
  if (backend.device().kind == DeviceKind::kCuda) {
    cuda::compute_log_mel(backend, tables_, jobs, frames);
    return;
  }
  std::vector<float> memory(
      static_cast<std::size_t>(log_mel::Scratch::size(tables_.frame_length, tables_.fft_size)));
  const log_mel::Scratch scratch(tables_, memory.data());
  const auto job_count = static_cast<std::int32_t>(jobs.size());
  for (std::int64_t frame = 0; frame < frames; ++frame) {
    const auto job = static_cast<std::size_t>(log_mel::job_of(jobs.data(), job_count, frame));
    log_mel::compute_frame(SerialExecutor{}, tables_, jobs[job], frame, scratch);
  }
}

/// Whether the samples that the frames need are held.
void DeviceFeatures::check(const DeviceAudio& audio) const {
  if (audio.frame_count < 0 || audio.first_frame < 0 || audio.sample_count < 1) {
    refuse("frames of some samples", std::to_string(audio.frame_count) + " frames from " +
                                         std::to_string(audio.first_frame) + " of " +
                                         std::to_string(audio.sample_count) + " samples");
  }
  std::int64_t begin = audio.first_frame * tables_.frame_shift + tables_.first_sample;
  std::int64_t end = (audio.first_frame + audio.frame_count - 1) * tables_.frame_shift +
                     tables_.first_sample + tables_.frame_length;
  if (mirrors_) {
    // What lies beyond an end is as far on this side of it, at most all that there is.
    const std::int64_t before = std::max<std::int64_t>(0, -begin);
    const std::int64_t behind = std::max<std::int64_t>(0, end - audio.sample_count);
    begin = std::max<std::int64_t>(0, std::min(begin, audio.sample_count - behind));
    end = std::min(audio.sample_count, std::max(end, before));
  }
  const std::int64_t held_end = audio.first_held + audio.held_count;
  if (begin < audio.first_held || end > held_end || end > audio.sample_count) {
    refuse("samples " + std::to_string(begin) + " to " + std::to_string(end),
           std::to_string(audio.first_held) + " to " + std::to_string(held_end) + " of " +
               std::to_string(audio.sample_count));
  }
}

}  // namespace harpy

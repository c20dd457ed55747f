#include "frontend/device_feature_batch.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace harpy {

DeviceFeatureStream::DeviceFeatureStream(std::shared_ptr<const FeatureExtractor> extractor)
    : extractor_(std::move(extractor)) {
  if (!extractor_->options().snip_edges) {
    throw std::invalid_argument("device feature stream: expected snip_edges");
  }
}

std::int64_t DeviceFeatureStream::accept(std::span<const float> samples) {
  if (begin_ > 0 && samples_.size() + samples.size() > samples_.capacity()) {
    samples_.erase(samples_.begin(), samples_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  const std::int64_t before = frames_complete_;
  frames_complete_ =
      extractor_->frame_count(first_sample_ + static_cast<std::int64_t>(samples_.size() - begin_));
  return frames_complete_ - before;
}

DeviceFeatureBatch::DeviceFeatureBatch(Backend& backend, const FeatureOptions& options)
    : backend_(backend), features_(backend, options) {
  const FeatureExtractor extractor(options);
  shift_samples_ = extractor.frame_shift_samples();
  length_samples_ = extractor.frame_length_samples();
}

bool DeviceFeatureBatch::supports(const FeatureOptions& options) {
  return DeviceFeatures::supports(options) && options.snip_edges;
}

void DeviceFeatureBatch::begin(std::size_t stream_count, std::int64_t frame_count) {
  frame_count_ = frame_count;
  place_samples_ = static_cast<std::size_t>((frame_count - 1) * shift_samples_ + length_samples_);
  audio_.assign(stream_count, {});
  const std::size_t needed = stream_count * place_samples_;
  if (samples_.size() >= needed) return;
  const std::size_t size = std::max(needed, samples_.size() + samples_.size() / 2);
  host_samples_ = {backend_.memory(), size};
  samples_ = {backend_.memory(), size};
}

void DeviceFeatureBatch::take(std::size_t place, DeviceFeatureStream& stream) {
  const std::int64_t frames =
      std::min(frame_count_, stream.frames_complete_ - stream.frames_taken_);
  const std::int64_t held = frames == 0 ? 0 : (frames - 1) * shift_samples_ + length_samples_;
  audio_[place] = {
      .held_count = held,
      .first_held = stream.first_sample_,
      .sample_count =
          stream.first_sample_ + static_cast<std::int64_t>(stream.samples_.size() - stream.begin_),
      .first_frame = stream.frames_taken_,
      .frame_count = frames};
  std::copy_n(stream.samples_.begin() + static_cast<std::ptrdiff_t>(stream.begin_), held,
              host_samples_.data() + place * place_samples_);
  stream.begin_ += static_cast<std::size_t>(frames * shift_samples_);
  stream.first_sample_ += frames * shift_samples_;
  stream.frames_taken_ += frames;
}

void DeviceFeatureBatch::compute(std::size_t first, std::size_t count, TensorView features) {
  const std::span<DeviceAudio> audio = std::span(audio_).subspan(first, count);
  const std::int64_t row_size = features.shape[1] * features.dim();
  float* output = features.data;
  const float* samples = samples_.data() + first * place_samples_;
  for (DeviceAudio& one : audio) {
    one.floats = samples;
    one.output = output;
    samples += place_samples_;
    output += row_size;
  }
  backend_.memory()->send(samples_.data() + first * place_samples_,
                          host_samples_.data() + first * place_samples_,
                          count * place_samples_ * sizeof(float));
  features_.compute(backend_, audio);
}

}  // namespace harpy

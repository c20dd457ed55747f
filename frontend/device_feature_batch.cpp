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
  samples_.insert(samples_.end(), samples.begin(), samples.end());
  const std::int64_t before = frames_complete_;
  frames_complete_ =
      extractor_->frame_count(first_sample_ + static_cast<std::int64_t>(samples_.size()));
  return frames_complete_ - before;
}

DeviceFeatureBatch::DeviceFeatureBatch(Backend& backend, const FeatureOptions& options)
    : backend_(backend), features_(backend, options) {}

bool DeviceFeatureBatch::supports(const FeatureOptions& options) {
  return DeviceFeatures::supports(options) && options.snip_edges;
}

void DeviceFeatureBatch::compute(std::span<DeviceFeatureStream* const> streams,
                                 TensorView features) {
  host_samples_.clear();
  std::vector<DeviceAudio> audio;
  for (std::size_t i = 0; i < streams.size(); ++i) {
    DeviceFeatureStream& stream = *streams[i];
    const std::int64_t shift = stream.extractor_->frame_shift_samples();
    const std::int64_t frames =
        std::min(features.shape[1], stream.frames_complete_ - stream.frames_taken_);
    const std::int64_t next_frame = stream.frames_taken_ + frames;
    const std::int64_t last_sample =
        (next_frame - 1) * shift + stream.extractor_->frame_length_samples();
    const std::int64_t held = frames == 0 ? 0 : last_sample - stream.frames_taken_ * shift;
    const auto begin = stream.samples_.begin();
    audio.push_back(
        {.held_count = held,
         .first_held = stream.first_sample_,
         .sample_count = stream.first_sample_ + static_cast<std::int64_t>(stream.samples_.size()),
         .first_frame = stream.frames_taken_,
         .frame_count = frames,
         .output =
             features.data + static_cast<std::int64_t>(i) * features.shape[1] * features.dim()});
    host_samples_.insert(host_samples_.end(), begin, begin + static_cast<std::ptrdiff_t>(held));
    stream.samples_.erase(begin, begin + static_cast<std::ptrdiff_t>(frames * shift));
    stream.first_sample_ += frames * shift;
    stream.frames_taken_ = next_frame;
  }
  if (samples_.size() < host_samples_.size()) {
    samples_ = {backend_.memory(), host_samples_.size() + host_samples_.size() / 2};
  }
  if (!host_samples_.empty()) samples_.copy_from_host(host_samples_);
  const float* next = samples_.data();
  for (DeviceAudio& one : audio) {
    one.floats = next;
    next += one.held_count;
  }
  features_.compute(backend_, audio);
}

}  // namespace harpy

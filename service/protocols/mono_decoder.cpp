#include "service/protocols/mono_decoder.hpp"

namespace harpy {

MonoDecoder::MonoDecoder(const PcmFormat& format) : format_(format), decoder_(format.coding) {
  if (format_.channel_count > 1) mix_.emplace(format_.channel_count, format_.sample_rate_hz);
}

void MonoDecoder::decode(std::span<const std::byte> bytes, std::vector<float>& samples) {
  if (!mix_) return decoder_.decode(bytes, samples);
  decoder_.decode(bytes, frames_);
  const auto channel_count = static_cast<std::size_t>(format_.channel_count);
  const std::size_t whole = frames_.size() - frames_.size() % channel_count;
  mix_->add(std::span(frames_).first(whole), samples);
  frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(whole));
}

void MonoDecoder::finish(std::vector<float>& samples) {
  if (mix_) mix_->finish(samples);
  *this = MonoDecoder(format_);
}

}  // namespace harpy

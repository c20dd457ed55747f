#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "frontend/audio/channel_mix.hpp"
#include "frontend/audio/pcm.hpp"

namespace harpy {

/// Turns a stream of raw audio of one or more channels into samples of one (channel_mix.hpp). The
/// bytes may be cut anywhere.
class MonoDecoder {
 public:
  explicit MonoDecoder(const PcmFormat& format);

  /// Appends what the bytes bring. Errors: std::runtime_error for a float that is no audio.
  void decode(std::span<const std::byte> bytes, std::vector<float>& samples);
  /// Appends the rest. Afterwards another stream may begin.
  void finish(std::vector<float>& samples);

 private:
  PcmFormat format_;
  PcmDecoder decoder_;
  std::optional<ChannelMix> mix_;  ///< of more than one channel
  std::vector<float> frames_;      ///< [frames, channels], the last one perhaps in part
};

}  // namespace harpy

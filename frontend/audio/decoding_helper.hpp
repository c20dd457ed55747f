#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "frontend/audio/pcm.hpp"

namespace harpy {

// A decoding helper is a process of its own in which the recording of a stranger is decoded, so
// that a malicious one reaches nothing but this process. It reads the recording from its standard
// input, keeps it in the file that it got as kSpoolDescriptor, and writes to its standard output
// a header (HelperHeader) and then the samples as floats in the machine's byte order, those of
// several channels interleaved. On standard error it says in a line each what is wrong, or
// what the user should know. It ends with one of the codes of HelperExit.

/// What is asked of a helper.
struct DecodingRequest {
  std::string name = "the recording";  ///< of the recording, for messages
  std::optional<PcmFormat> raw = {};   ///< of a recording without a header
  /// Whether all channels are given, one for one; otherwise the single one that they are mixed to.
  bool separate_channels = false;
  /// Whether ffmpeg decodes, what only it can read. It has limits of its own (LimitedProcess).
  bool with_ffmpeg = false;
  std::uint64_t most_bytes = std::uint64_t{512} << 20;  ///< of the recording
};

enum class HelperExit : int {
  kDecoded = 0,
  kBadAudio = 1,     ///< what the recording holds cannot be decoded
  kOnlyFfmpeg = 3,   ///< only ffmpeg can decode it (UnsupportedAudio)
  kNoRoom = 4,       ///< it could not be kept
  kNoSandbox = 5,    ///< the system lets the process not be confined
  kWrongUsage = 64,  ///< the arguments are not those of helper_arguments
};

inline constexpr int kSpoolDescriptor = 3;

/// What a helper writes before the samples.
struct HelperHeader {
  std::int32_t sample_rate_hz = 0;
  std::int32_t channel_count = 1;
};

/// The arguments of a helper for a request.
std::vector<std::string> helper_arguments(const DecodingRequest& request);

/// Runs the helper. main calls this first, with the arguments of helper_arguments. The process
/// confines itself: its memory and processor time are limited, it can open no other files
/// (ReadableFiles) and make only the system calls that decoding needs (SystemCallFilter). Returns
/// the exit code.
int run_decoding_helper(std::span<const char* const> arguments) noexcept;

}  // namespace harpy

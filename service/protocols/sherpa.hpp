#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "service/recognizer/session_event.hpp"

namespace harpy {

/// What sherpa-onnx's clients send when they are done, and what the streaming server answers last.
inline constexpr std::string_view kSherpaDone = "Done";
inline constexpr std::string_view kSherpaAllDone = "Done!";

/// How a result of sherpa-onnx's streaming server relates to what was said.
struct SherpaSlice {
  int segment = 0;        ///< number of the utterance, from 0
  bool is_final = false;  ///< its words change no more
  bool is_eof = false;    ///< nothing follows
};

/// A result of the streaming server. Tokens are words, and their times count from the start of the
/// segment, which is told beside them.
std::string sherpa_result(const SessionEvent& event, const SherpaSlice& slice);

/// A result of the server for whole recordings.
std::string sherpa_offline_result(const SessionEvent& event, const std::string& language);

/// What precedes the samples of a whole recording: 8 bytes, two 32-bit integers, little-endian.
struct SherpaRecording {
  int sample_rate_hz = 16000;
  std::size_t byte_count = 0;  ///< of the samples that follow
};
inline constexpr std::size_t kSherpaHeadBytes = 8;

/// Errors: std::runtime_error for a rate or length that is impossible.
SherpaRecording parse_sherpa_head(std::string_view head);

}  // namespace harpy

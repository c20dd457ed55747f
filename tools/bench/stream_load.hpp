#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "tools/bench/websocket_client.hpp"

namespace harpy::tools {

/// A recording as clients send it.
struct LoadRecording {
  int sample_rate_hz = 0;
  std::vector<std::int16_t> samples;  ///< one channel
};

/// Errors: std::runtime_error naming the file.
LoadRecording read_load_recording(const std::filesystem::path& path);

struct StreamLoad {
  ServerAddress server;
  int client_count = 1;
  double frame_s = 0.1;  ///< length of the audio in a message
  /// How long each client goes on: it ends with the first recording that ends after that. Each has
  /// streamed all recordings at least once.
  double least_s = 0.0;
};

/// What the clients of a load have measured, in milliseconds.
struct StreamLatencies {
  std::vector<float> replies_ms;  ///< from the moment a frame was due to its reply
  std::vector<float> finals_ms;   ///< the same, of replies that settle words
  /// From the moment a word's last sample was due to the first reply with so many words, and to the
  /// first one that shows the word as the result has it. A word's end is the recogniser's.
  std::vector<float> partials_ms;
  std::vector<float> words_ms;
  std::vector<std::string> failures;  ///< why clients gave up
};

/// Lets clients stream recordings in real time over Vosk's protocol, each in lockstep in a thread
/// of its own and from another recording on, and waits for them. Their starts are spread over a
/// frame and more, so that not all frames are due at once.
StreamLatencies run_stream_load(const StreamLoad& load, std::span<const LoadRecording> recordings);

/// The smallest value that so many percent of the values do not exceed, or the one before it; 0 of
/// none. Sorts the values.
double percentile_of(std::vector<float>& values, double percent);

}  // namespace harpy::tools

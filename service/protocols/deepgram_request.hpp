#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/client_request.hpp"
#include "service/recognizer/recognizer_options.hpp"

namespace harpy {

/// What the query of a request to Deepgram's /v1/listen asks for, live or of a whole recording.
struct DeepgramRequest {
  std::string encoding = {};  ///< the client's name of it; empty: the audio has a header
  std::optional<double> sample_rate_hz = std::nullopt;
  int channel_count = 1;  ///< 1 to 8, which are mixed
  std::string language = {};

  bool interim_results = false;  ///< whether words are told before they are settled
  bool speech_starts = false;    ///< "vad_events"
  bool written = false;          ///< "smart_format" or "numerals"
  bool endpoints = true;         ///< whether silences are told as ends of speech
  std::optional<double> endpoint_s = std::nullopt;       ///< silence that ends an utterance
  std::optional<double> utterance_end_s = std::nullopt;  ///< silence that is told as UtteranceEnd
  SteeringRequest steering = {};                         ///< key terms and keywords as hot phrases

  /// Names of parameters that Harpy does not follow.
  std::vector<std::string> ignored = {};
};

/// Reads a query. Parameters that nobody knows are ignored, too.
/// Errors: std::runtime_error naming the parameter and what was expected, also for those that ask
/// for something whose absence a client would not notice, such as redaction.
DeepgramRequest parse_deepgram_request(const ClientRequest& request);

/// How live audio is coded, which has no header.
/// Errors: std::runtime_error saying which encodings are taken.
PcmCoding deepgram_coding(const DeepgramRequest& request);

/// Checks that a request is for the language of the model. Errors: std::runtime_error.
void check_deepgram_language(const DeepgramRequest& request, const std::string& model_language);

/// When utterances end in a session for such a request. `usual`: unless it says so.
EndpointTimes deepgram_endpoint_times(const DeepgramRequest& request, const EndpointTimes& usual);

}  // namespace harpy

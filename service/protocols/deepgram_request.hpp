#pragma once

#include <optional>
#include <string>
#include <vector>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/client_request.hpp"
#include "service/protocols/protocol.hpp"
#include "service/recognizer/recognizer_options.hpp"

namespace harpy {

/// What the query of a request to Deepgram's /v1/listen asks for, live or of a whole recording.
struct DeepgramRequest {
  std::string encoding = {};  ///< the client's name of it; empty: the audio has a header
  std::optional<double> sample_rate_hz = std::nullopt;
  int channel_count = 1;      ///< 1 to 8
  bool multichannel = false;  ///< whether each is recognised for itself; else they are mixed
  std::string language = {};
  std::string model = {};  ///< its name; empty: any

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

/// The model that a request asks for. Deepgram's own names mean the usual one, for programs that
/// know no others. Errors: std::runtime_error for other names, and for a language that is not the
/// model's.
const ServedModel& deepgram_model(const DeepgramRequest& request, const ProtocolSettings& settings);

/// How live audio is coded, which has no header.
/// Errors: std::runtime_error saying which encodings are taken.
PcmCoding deepgram_coding(const DeepgramRequest& request);

/// When utterances end in a session for such a request. `usual`: unless it says so.
EndpointTimes deepgram_endpoint_times(const DeepgramRequest& request, const EndpointTimes& usual);

}  // namespace harpy

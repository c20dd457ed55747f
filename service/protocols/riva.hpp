#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// What a RecognitionConfig of Riva's asks for.
struct RivaSettings {
  /// How the samples are coded; none: by a container, which only whole recordings may have.
  std::optional<PcmCoding> coding = std::nullopt;
  std::optional<int> sample_rate_hz = std::nullopt;
  int channel_count = 1;  ///< 1 to 8, which are mixed
  std::string language = {};
  std::string model = {};  ///< its name; empty: any
  int max_alternatives = 1;
  bool interim_results = false;  ///< whether words are told before they are settled
  bool word_times = false;       ///< whether finals list their words
  bool verbatim = false;         ///< the words as they were said, not as they are written
  std::optional<double> endpoint_s = std::nullopt;  ///< silence that ends an utterance
  SteeringRequest steering = {};                    ///< speech contexts as hot phrases
};

/// A message of a client: settings, audio or, of a whole recording, both.
struct RivaMessage {
  std::optional<RivaSettings> settings = std::nullopt;
  std::string audio = {};
  std::string id = {};  ///< the client's name of the request; empty: none
};

/// Reads a StreamingRecognizeRequest, or a RecognizeRequest.
/// Errors: std::runtime_error naming the field and what was expected, also for those that ask for
/// something whose absence a client would not notice, such as diarization.
RivaMessage parse_riva_live_message(std::string_view bytes);
RivaMessage parse_riva_recording(std::string_view bytes);

/// The model that settings ask for. Errors: std::runtime_error for a name that no model has, and
/// for a language that is not the model's.
const ServedModel& riva_model(const RivaSettings& settings, const ProtocolSettings& served);

/// What a session for such settings begins with, whose sample rate is not set.
SessionOptions riva_session_options(const RivaSettings& settings, const ServedModel& model,
                                    const EndpointTimes& usual);

/// How the events of a conversation are told.
struct RivaForm {
  int max_alternatives = 1;
  bool word_times = false;
  bool written = false;
  std::string id = {};  ///< that the client is told again; empty: none
};

/// A StreamingRecognizeResponse of a partial or final.
std::string riva_live_response(const SessionEvent& event, const RivaForm& form);
/// The RecognizeResponse to a whole recording.
std::string riva_recording_response(const std::vector<SessionEvent>& finals, const RivaForm& form);

/// Answers a RivaSpeechRecognitionConfigRequest: all models, or the one that it names, with the
/// language, version and kind of each. Errors: std::runtime_error for a message that is none, or a
/// name that no model has.
std::string riva_config_response(std::string_view request, const ProtocolSettings& served);

}  // namespace harpy

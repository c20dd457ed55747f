#pragma once

#include <string>
#include <string_view>

#include <boost/json/object.hpp>

#include "service/protocols/protocol.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// Deepgram's form of what was said, the same live and of a whole recording:
/// {"transcript", "confidence", "words": [{"word", "start", "end", "confidence"}]}. The confidence
/// of the whole is the mean of the words'; words without one have 0, as in interim results. With
/// `written`, the words are as they are written, and each has a "punctuated_word".
boost::json::object deepgram_alternative(const SessionEvent& event, bool written);

/// {"name", "version", "arch"}.
boost::json::object deepgram_model_info(const ServedModel& model);

/// Deepgram gives each model a UUID; Harpy's have none.
inline constexpr std::string_view kDeepgramModelUuid = "00000000-0000-0000-0000-000000000000";

/// The body of an HTTP answer that refuses: {"err_code", "err_msg", "request_id"}.
RefusalText word_deepgram_refusal(const Refusal& refusal, const ClientRequest& request);

/// How a live result relates to what was said.
struct DeepgramSlice {
  bool is_final = false;       ///< the words change no more
  bool speech_final = false;   ///< a silence ended them
  bool from_finalize = false;  ///< the client asked for them
};

/// What each live message tells of the conversation.
struct DeepgramContext {
  std::string request_id;
  std::string created_at;  ///< see ClientRequest::received_at
  ServedModel model;
  bool written = false;
  int channel_count = 1;  ///< that are recognised each for itself
  int channel = 0;        ///< that the message is about
};

// The live messages, each as one line of JSON.
std::string deepgram_results(const SessionEvent& event, const DeepgramSlice& slice,
                             const DeepgramContext& context);
std::string deepgram_speech_started(double time_s, const DeepgramContext& context);
std::string deepgram_utterance_end(double last_word_end_s, const DeepgramContext& context);
std::string deepgram_metadata(double duration_s, const DeepgramContext& context);
std::string deepgram_error(std::string_view code, std::string_view description);

}  // namespace harpy

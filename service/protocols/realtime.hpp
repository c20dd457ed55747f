#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/json/object.hpp>

#include "frontend/audio/pcm.hpp"
#include "service/protocols/protocol.hpp"

namespace harpy {

/// What a client of OpenAI's Realtime transcription may choose (docs/protocols.md). The defaults
/// are OpenAI's.
struct RealtimeSettings {
  PcmFormat format{.coding = PcmCoding::kS16, .sample_rate_hz = 24000};
  std::string model = {};  ///< as the client calls it
  std::string language = {};
  std::string prompt = {};                 ///< see hot_phrases_in
  std::vector<std::string> keywords = {};  ///< phrases to be recognised more readily
  bool detects_turns = true;               ///< else the client says where a turn ends
  /// Silence that ends a turn, in seconds; absent: the server's own.
  std::optional<double> turn_silence_s = std::nullopt;

  bool operator==(const RealtimeSettings&) const = default;
};

/// What is wrong with a client's event, as OpenAI's error object tells it.
class RealtimeError : public std::runtime_error {
 public:
  RealtimeError(const std::string& message, std::string code, std::string param = "")
      : std::runtime_error(message), code_(std::move(code)), param_(std::move(param)) {}
  const std::string& code() const { return code_; }
  /// The field that is wrong; empty: none in particular.
  const std::string& param() const { return param_; }

 private:
  std::string code_;
  std::string param_;
};

/// An event of the client.
struct RealtimeEvent {
  std::string type;
  std::string id = {};  ///< the client's name of it, for errors
  boost::json::object fields = {};
};

/// Errors: RealtimeError for a text that is no event.
RealtimeEvent parse_realtime_event(std::string_view text);

/// The settings after "session.update" or, as it was called before, "transcription_session.update".
/// What it does not name stays. Errors: RealtimeError naming the field.
RealtimeSettings updated_settings(const RealtimeEvent& event, const RealtimeSettings& current);

/// The session as events tell it.
boost::json::object realtime_session(std::string_view id, const RealtimeSettings& settings);

/// An event of the server as one line of JSON. `number` tells it from the others.
std::string realtime_event(std::string_view type, std::int64_t number,
                           const boost::json::object& fields);

/// OpenAI's error object.
boost::json::object realtime_error(const RealtimeError& error, std::string_view event_id);

/// The body of an HTTP answer that refuses: {"error": {"message", "type", "param", "code"}}.
RefusalText word_openai_refusal(const Refusal& refusal, const ClientRequest& request);

}  // namespace harpy

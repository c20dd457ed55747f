#include "service/protocols/realtime.hpp"

#include <cmath>
#include <utility>

#include <boost/json.hpp>

#include "models/files/json_object.hpp"
#include "service/json/json_text.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

constexpr int kTelephoneRateHz = 8000;
constexpr int kLeastRealtimeRateHz = 4000;
constexpr int kMostRealtimeRateHz = 192000;
constexpr double kLeastTurnSilenceMs = 100.0;
constexpr double kMostTurnSilenceMs = 3'600'000.0;

json::string_view to_view(std::string_view text) { return {text.data(), text.size()}; }

[[noreturn]] void refuse_field(const std::string& field, const std::string& expected) {
  throw RealtimeError("Invalid value for '" + field + "': expected " + expected + ".",
                      "invalid_value", field);
}

/// The object of that name; nullptr if it is absent or null.
const json::object* object_of(const json::object& parent, const std::string& name,
                              const std::string& path) {
  const json::value* const value = parent.if_contains(name);
  if (value == nullptr || value->is_null()) return nullptr;
  if (!value->is_object()) refuse_field(path + name, "an object");
  return &value->get_object();
}

void read_text(const json::object& parent, const std::string& name, const std::string& path,
               std::string& text) {
  const json::value* const value = parent.if_contains(name);
  if (value == nullptr || value->is_null()) return;
  if (!value->is_string()) refuse_field(path + name, "a string");
  text = value->get_string();
}

PcmFormat format_named(const std::string& name, const std::string& field) {
  if (name == "audio/pcm" || name == "pcm16") return RealtimeSettings{}.format;
  if (name == "audio/pcmu" || name == "g711_ulaw") {
    return {.coding = PcmCoding::kMuLaw, .sample_rate_hz = kTelephoneRateHz};
  }
  if (name == "audio/pcma" || name == "g711_alaw") {
    return {.coding = PcmCoding::kALaw, .sample_rate_hz = kTelephoneRateHz};
  }
  refuse_field(field, "audio/pcm, audio/pcmu or audio/pcma");
}

void read_format(const json::object& format, RealtimeSettings& settings) {
  const std::string path = "session.audio.input.format.";
  std::string type;
  read_text(format, "type", path, type);
  settings.format = format_named(type, path + "type");
  const json::value* const rate = format.if_contains("rate");
  if (rate == nullptr || settings.format.coding != PcmCoding::kS16) return;
  boost::system::error_code error;
  const int rate_hz = rate->to_number<int>(error);
  if (error || rate_hz < kLeastRealtimeRateHz || rate_hz > kMostRealtimeRateHz) {
    refuse_field(path + "rate", "4000 to 192000");
  }
  settings.format.sample_rate_hz = rate_hz;
}

void read_transcription(const json::object& transcription, const std::string& path,
                        RealtimeSettings& settings) {
  read_text(transcription, "model", path, settings.model);
  read_text(transcription, "language", path, settings.language);
  read_text(transcription, "prompt", path, settings.prompt);
  const json::value* const keywords = transcription.if_contains("keywords");
  if (keywords == nullptr || keywords->is_null()) return;
  if (!keywords->is_array()) refuse_field(path + "keywords", "a list of strings");
  settings.keywords.clear();
  for (const json::value& keyword : keywords->get_array()) {
    if (!keyword.is_string()) refuse_field(path + "keywords", "a list of strings");
    settings.keywords.emplace_back(keyword.get_string());
  }
}

/// "turn_detection" of an object that may have it; null turns it off.
void read_turns(const json::object& parent, const std::string& path, RealtimeSettings& settings) {
  const json::value* const value = parent.if_contains("turn_detection");
  if (value == nullptr) return;
  settings.detects_turns = !value->is_null();
  const json::object* const turns = object_of(parent, "turn_detection", path);
  if (turns == nullptr) return;
  const json::value* const silence = turns->if_contains("silence_duration_ms");
  if (silence == nullptr || silence->is_null()) return;
  boost::system::error_code error;
  const double silence_ms = silence->to_number<double>(error);
  if (error || !(silence_ms >= kLeastTurnSilenceMs && silence_ms <= kMostTurnSilenceMs)) {
    refuse_field(path + "turn_detection.silence_duration_ms", "100 to 3600000");
  }
  settings.turn_silence_s = silence_ms / 1000.0;
}

/// The form of "session.update".
void read_session(const json::object& session, RealtimeSettings& settings) {
  std::string type;
  read_text(session, "type", "session.", type);
  if (!type.empty() && type != "transcription") refuse_field("session.type", "\"transcription\"");
  const json::object* const audio = object_of(session, "audio", "session.");
  const json::object* const input =
      audio == nullptr ? nullptr : object_of(*audio, "input", "session.audio.");
  if (input == nullptr) return;
  const std::string path = "session.audio.input.";
  if (const json::object* format = object_of(*input, "format", path))
    read_format(*format, settings);
  if (const json::object* transcription = object_of(*input, "transcription", path)) {
    read_transcription(*transcription, path + "transcription.", settings);
  }
  read_turns(*input, path, settings);
}

/// The older form of "transcription_session.update".
void read_older_session(const json::object& session, RealtimeSettings& settings) {
  std::string format;
  read_text(session, "input_audio_format", "session.", format);
  if (!format.empty()) settings.format = format_named(format, "session.input_audio_format");
  if (const json::object* transcription =
          object_of(session, "input_audio_transcription", "session.")) {
    read_transcription(*transcription, "session.input_audio_transcription.", settings);
  }
  read_turns(session, "session.", settings);
}

json::object turn_detection_of(const RealtimeSettings& settings) {
  json::object turns;
  turns["type"] = "server_vad";
  if (settings.turn_silence_s) {
    turns["silence_duration_ms"] = std::lround(*settings.turn_silence_s * 1000.0);
  }
  return turns;
}

const char* name_of(PcmCoding coding) {
  if (coding == PcmCoding::kMuLaw) return "audio/pcmu";
  return coding == PcmCoding::kALaw ? "audio/pcma" : "audio/pcm";
}

}  // namespace

RealtimeEvent parse_realtime_event(std::string_view text) {
  RealtimeEvent event;
  try {
    event.fields = parse_json_object(text, "");
  } catch (const std::runtime_error&) {
    throw RealtimeError("An event must be a JSON object.", "invalid_json");
  }
  const auto read = [&event](const char* name, std::string& field) {
    const json::value* const given = event.fields.if_contains(name);
    if (given != nullptr && given->is_string()) field = given->get_string();
  };
  read("event_id", event.id);
  read("type", event.type);
  if (event.type.empty()) {
    throw RealtimeError("An event must have a 'type'.", "missing_required_parameter", "type");
  }
  return event;
}

RealtimeSettings updated_settings(const RealtimeEvent& event, const RealtimeSettings& current) {
  const json::object* const session = object_of(event.fields, "session", "");
  if (session == nullptr) refuse_field("session", "an object");
  RealtimeSettings settings = current;
  if (event.type == "session.update") {
    read_session(*session, settings);
  } else {
    read_older_session(*session, settings);
  }
  return settings;
}

json::object realtime_session(std::string_view id, const RealtimeSettings& settings) {
  json::object format;
  format["type"] = name_of(settings.format.coding);
  if (settings.format.coding == PcmCoding::kS16) format["rate"] = settings.format.sample_rate_hz;
  json::object transcription;
  transcription["model"] = settings.model;
  transcription["language"] = settings.language;
  transcription["prompt"] = settings.prompt;
  json::object input;
  input["format"] = std::move(format);
  input["transcription"] = std::move(transcription);
  input["noise_reduction"] = nullptr;
  if (settings.detects_turns) {
    input["turn_detection"] = turn_detection_of(settings);
  } else {
    input["turn_detection"] = nullptr;
  }
  json::object session;
  session["type"] = "transcription";
  session["object"] = "realtime.transcription_session";
  session["id"] = "sess_" + std::string(id);
  session["audio"] = json::object{{"input", std::move(input)}};
  session["include"] = nullptr;
  return session;
}

std::string realtime_event(std::string_view type, std::int64_t number, const json::object& fields) {
  json::object event;
  event["type"] = to_view(type);
  event["event_id"] = "event_" + std::to_string(number);
  for (const auto& [name, value] : fields) event[name] = value;
  return json_line(event);
}

json::object realtime_error(const RealtimeError& error, std::string_view event_id) {
  json::object object;
  object["type"] = "invalid_request_error";
  object["code"] = error.code();
  object["message"] = error.what();
  object["param"] = nullptr;
  object["event_id"] = nullptr;
  if (!error.param().empty()) object["param"] = error.param();
  if (!event_id.empty()) object["event_id"] = to_view(event_id);
  return object;
}

RefusalText word_openai_refusal(const Refusal& refusal, const ClientRequest&) {
  constexpr int kServerErrors = 500;
  constexpr int kUnauthorized = 401;
  json::object error;
  error["message"] = refusal.reason;
  error["type"] = refusal.status < kServerErrors ? "invalid_request_error" : "server_error";
  error["param"] = nullptr;
  error["code"] = nullptr;
  if (refusal.status == kUnauthorized) error["code"] = "invalid_api_key";
  return {.body = json_line(json::object{{"error", std::move(error)}}),
          .content_type = "application/json"};
}

}  // namespace harpy

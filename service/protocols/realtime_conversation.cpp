#include "service/protocols/realtime_conversation.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

#include "service/protocols/base64.hpp"
#include "service/protocols/hot_phrases.hpp"
#include "service/protocols/openai_transcription.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

std::int64_t milliseconds_of(double time_s) { return std::llround(time_s * 1000.0); }

SteeringRequest steering_of(const RealtimeSettings& settings) {
  SteeringRequest steering{.hot_phrases = hot_phrases_in(settings.prompt)};
  for (const std::string& keyword : settings.keywords) {
    steering.hot_phrases.push_back({.text = keyword});
  }
  return steering;
}

/// What a running session cannot change.
bool need_the_same_session(const RealtimeSettings& one, const RealtimeSettings& other) {
  return one.model == other.model && one.format == other.format && one.prompt == other.prompt &&
         one.keywords == other.keywords && one.detects_turns == other.detects_turns &&
         one.turn_silence_s == other.turn_silence_s;
}

MakeConversation accept_realtime(const ClientRequest& request, const ProtocolSettings& settings) {
  const std::string* const intent = find_parameter(request, "intent");
  if (intent != nullptr && *intent != "transcription") {
    throw std::runtime_error("intent: expected transcription");
  }
  RealtimeOptions options{.id = request.id,
                          .server = settings,
                          .endpoint_times = settings.endpoint_times,
                          .limits = settings.limits};
  options.settings.model = settings.model.name;
  options.settings.language = settings.model.language;
  options.limits.max_text_bytes = settings.max_message_bytes;
  return [options](Line& line, OpenSession open) {
    return std::make_unique<RealtimeConversation>(line, std::move(open), options);
  };
}

}  // namespace

RealtimeConversation::RealtimeConversation(Line& line, OpenSession open,
                                           const RealtimeOptions& options)
    : StreamConversation(line, std::move(open), options.limits),
      options_(options),
      settings_(options.settings),
      decoder_(settings_.format) {
  send("session.created", {{"session", realtime_session(options_.id, settings_)}});
}

void RealtimeConversation::hear_text(std::string_view text) {
  std::string event_id;
  try {
    const RealtimeEvent event = parse_realtime_event(text);
    event_id = event.id;
    if (event.type == "input_audio_buffer.append") return append(event);
    line().count_command(text.size());
    follow(event);
  } catch (const RealtimeError& error) {
    tell_wrong(error, event_id);
  }
}

void RealtimeConversation::hear_bytes(std::span<const std::byte>) {
  tell_wrong(RealtimeError("Events must be text messages.", "invalid_event"), "");
}

void RealtimeConversation::follow(const RealtimeEvent& event) {
  if (event.type == "session.update" || event.type == "transcription_session.update") {
    update(event);
  } else if (event.type == "input_audio_buffer.commit") {
    commit();
  } else if (event.type == "input_audio_buffer.clear") {
    clear();
  } else {
    throw RealtimeError("Invalid value: '" + event.type.substr(0, 64) +
                            "'. Transcription sessions take session.update, "
                            "input_audio_buffer.append, .commit and .clear.",
                        "invalid_value", "type");
  }
}

void RealtimeConversation::update(const RealtimeEvent& event) {
  const RealtimeSettings settings = updated_settings(event, settings_);
  if (has_session() && !need_the_same_session(settings, settings_)) {
    throw RealtimeError(
        "Model, format, turn detection, prompt and keywords cannot change within the "
        "audio: commit or clear it first.",
        "invalid_request", "session");
  }
  if (find_openai_model(options_.server, settings.model) == nullptr) {
    throw RealtimeError("The model '" + settings.model.substr(0, 64) + "' does not exist.",
                        "model_not_found", "session.audio.input.transcription.model");
  }
  try {
    check_steering_request(steering_of(settings));
  } catch (const std::invalid_argument& error) {
    throw RealtimeError(error.what(), "invalid_value", "session.audio.input.transcription");
  }
  settings_ = settings;
  if (!has_session()) decoder_ = MonoDecoder(settings_.format);
  const bool is_older_form = event.type != "session.update";
  send(is_older_form ? "transcription_session.updated" : "session.updated",
       {{"session", realtime_session(options_.id, settings_)}});
}

void RealtimeConversation::append(const RealtimeEvent& event) {
  const json::value* const audio = event.fields.if_contains("audio");
  if (audio == nullptr || !audio->is_string()) {
    throw RealtimeError("Missing required parameter: 'audio'.", "missing_required_parameter",
                        "audio");
  }
  const json::string& text = audio->get_string();
  const auto bytes = decode_base64({text.data(), text.size()});
  if (!bytes) {
    throw RealtimeError("Invalid 'audio': expected base64.", "invalid_value", "audio");
  }
  if (bytes->empty()) return;
  push([&](std::vector<float>& samples) { decoder_.decode(*bytes, samples); });
}

void RealtimeConversation::commit() {
  if (!has_session()) {
    throw RealtimeError("The input audio buffer is empty.", "input_audio_buffer_commit_empty");
  }
  tell_committed();
  is_committed_ = true;
  ask(Request::kFlush);
}

void RealtimeConversation::clear() {
  drop_session();
  decoder_ = MonoDecoder(settings_.format);
  item_.clear();
  committed_begin_s_ = audio_s();
  send("input_audio_buffer.cleared");
}

SessionOptions RealtimeConversation::session_options() const {
  EndpointTimes times = options_.endpoint_times;
  if (settings_.turn_silence_s) times.end_s = *settings_.turn_silence_s;
  return {.model = find_openai_model(options_.server, settings_.model)->name,
          .sample_rate_hz = static_cast<double>(settings_.format.sample_rate_hz),
          .partials = false,
          .endpoints = settings_.detects_turns,
          .endpoint_times = times,
          .speech_starts = settings_.detects_turns,
          .progress = true,
          .steering = steering_of(settings_)};
}

void RealtimeConversation::tell(const SessionEvent& event) {
  if (event.kind == EventKind::kSpeechStart && !is_committed_) {
    const std::string id = item();
    send("input_audio_buffer.speech_started",
         {{"audio_start_ms", milliseconds_of(event.start_s)}, {"item_id", id}});
  }
  if (event.kind != EventKind::kFinal) return;
  if (is_committed_) {
    const char* const separator = committed_text_.empty() || event.words.empty() ? "" : " ";
    committed_text_ += separator + event.text();
    return;
  }
  if (event.words.empty() && item_.empty()) return;
  if (settings_.detects_turns) {
    const std::string id = item();
    send("input_audio_buffer.speech_stopped",
         {{"audio_end_ms", milliseconds_of(event.end_s)}, {"item_id", id}});
  }
  tell_committed();
  tell_transcript(event.text(), event.end_s - event.start_s);
  committed_begin_s_ = event.end_s;
}

void RealtimeConversation::tell_settled(Request, bool) {
  decoder_ = MonoDecoder(settings_.format);
  if (!std::exchange(is_committed_, false)) return;
  tell_transcript(std::exchange(committed_text_, ""), audio_s() - committed_begin_s_);
  committed_begin_s_ = audio_s();
}

const std::string& RealtimeConversation::item() {
  if (item_.empty()) item_ = "item_" + options_.id + "_" + std::to_string(++item_count_);
  return item_;
}

void RealtimeConversation::tell_committed() {
  json::value previous;
  if (!previous_item_.empty()) previous = previous_item_;
  send("input_audio_buffer.committed", {{"previous_item_id", previous}, {"item_id", item()}});
  json::object audio;
  audio["type"] = "input_audio";
  audio["transcript"] = nullptr;
  json::object told;
  told["id"] = item();
  told["object"] = "realtime.item";
  told["type"] = "message";
  told["status"] = "completed";
  told["role"] = "user";
  told["content"] = json::array{std::move(audio)};
  for (const char* type : {"conversation.item.added", "conversation.item.done"}) {
    send(type, {{"previous_item_id", previous}, {"item", told}});
  }
}

void RealtimeConversation::tell_transcript(const std::string& text, double seconds) {
  if (!text.empty()) {
    send("conversation.item.input_audio_transcription.delta",
         {{"item_id", item_}, {"content_index", 0}, {"delta", text}});
  }
  send("conversation.item.input_audio_transcription.completed",
       {{"item_id", item_},
        {"content_index", 0},
        {"transcript", text},
        {"usage", {{"type", "duration"}, {"seconds", seconds}}}});
  previous_item_ = std::exchange(item_, "");
}

void RealtimeConversation::tell_error(Closing& closing) {
  json::object error = realtime_error(RealtimeError(closing.details, "server_error"), "");
  const bool is_client_fault =
      closing.code == close_code::kBadMessage || closing.code == close_code::kTooLong;
  if (is_client_fault) {
    error["code"] = nullptr;
  } else {
    error["type"] = "server_error";
  }
  send("error", {{"error", std::move(error)}});
}

void RealtimeConversation::tell_wrong(const RealtimeError& error, std::string_view event_id) {
  send("error", {{"error", realtime_error(error, event_id)}});
}

void RealtimeConversation::send(std::string_view type, const json::object& fields) {
  line().send_text(realtime_event(type, ++event_count_, fields));
}

Protocol realtime_protocol() {
  return {.name = "openai-realtime",
          .carrier = Carrier::kWebSocket,
          .path = "/v1/realtime",
          .accept = accept_realtime,
          .word_refusal = word_openai_refusal};
}

}  // namespace harpy

#include "service/protocols/deepgram_conversation.hpp"

#include <cmath>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <boost/json.hpp>

#include "models/files/json_object.hpp"
#include "service/protocols/deepgram_channels.hpp"

namespace harpy {

namespace json = boost::json;

namespace {

// What Deepgram calls its reasons to close.
constexpr std::string_view kNotUnderstood = "DATA-0000";
constexpr std::string_view kTooBig = "BIG-0000";
constexpr std::string_view kServerError = "NET-0000";
constexpr std::string_view kNothingReceived = "NET-0001";
constexpr std::string_view kTooLongSession = "NET-0003";

std::string_view code_of(std::uint16_t close_code) {
  switch (close_code) {
    case close_code::kPolicy:
    case close_code::kBadMessage:
      return kNotUnderstood;
    case close_code::kTooLong:
      return kTooBig;
    default:
      return kServerError;
  }
}

/// The "type" of a message. Errors: std::runtime_error if it is none.
std::string type_of(std::string_view text) {
  const json::object message = parse_json_object(text, "a text message");
  const json::value* const type = message.if_contains("type");
  if (type == nullptr || !type->is_string()) {
    throw std::runtime_error("a text message must have a \"type\"");
  }
  return std::string(type->get_string());
}

int count_deepgram_sessions(const ClientRequest& request) {
  const DeepgramRequest read = parse_deepgram_request(request);
  return read.multichannel ? read.channel_count : 1;
}

MakeConversation accept_deepgram(const ClientRequest& request, const ProtocolSettings& settings) {
  DeepgramLive live{
      .request = parse_deepgram_request(request),
      .context = {.request_id = request.id, .created_at = request.received_at, .model = {}},
      .limits = settings.limits};
  const PcmCoding coding = deepgram_coding(live.request);
  const std::optional<double> rate_hz =
      live.request.sample_rate_hz ? live.request.sample_rate_hz : settings.sample_rate_hz;
  if (!rate_hz) throw std::runtime_error("sample_rate: raw audio needs one");
  live.format = {.coding = coding,
                 .sample_rate_hz = static_cast<int>(std::lround(*rate_hz)),
                 .channel_count = live.request.channel_count};
  live.context.model = deepgram_model(live.request, settings);
  live.context.written = live.request.written && live.context.model.has_written_form;
  live.endpoint_times = deepgram_endpoint_times(live.request, settings.endpoint_times);
  if (live.request.multichannel) live.context.channel_count = live.request.channel_count;
  return [live = std::move(live)](Line& line, OpenSession open) -> std::unique_ptr<Conversation> {
    if (live.context.channel_count > 1) return std::make_unique<DeepgramChannels>(line, open, live);
    return std::make_unique<DeepgramConversation>(line, std::move(open), live);
  };
}

}  // namespace

bool is_deepgram_close(std::string_view text) {
  try {
    return type_of(text) == "CloseStream";
  } catch (const std::runtime_error&) {
    return false;
  }
}

DeepgramConversation::DeepgramConversation(Line& line, OpenSession open, const DeepgramLive& live)
    : StreamConversation(line, std::move(open), live.limits), live_(live), decoder_(live.format) {
  for (const std::string& name : live_.request.ignored) {
    this->line().note(Severity::kWarning, "parameter " + name + " is not supported and ignored");
  }
}

void DeepgramConversation::hear_text(std::string_view text) {
  std::string type;
  try {
    type = type_of(text);
  } catch (const std::runtime_error& error) {
    return fail(close_code::kBadMessage, "bad message", error.what());
  }
  if (type == "KeepAlive") return;
  if (type == "CloseStream") return ask(Request::kEnd);
  if (type != "Finalize") {
    return fail(close_code::kBadMessage, "bad message",
                "expected a message of the type KeepAlive, Finalize or CloseStream");
  }
  is_finalizing_ = true;
  ask(Request::kFlush);
}

void DeepgramConversation::hear_bytes(std::span<const std::byte> bytes) {
  if (bytes.empty()) return ask(Request::kEnd);  // as CloseStream was said in former times
  push([&](std::vector<float>& samples) { decoder_.decode(bytes, samples); });
}

SessionOptions DeepgramConversation::session_options() const {
  return {.model = live_.context.model.name,
          .sample_rate_hz = static_cast<double>(live_.format.sample_rate_hz),
          .partials = live_.request.interim_results || live_.request.utterance_end_s.has_value(),
          .endpoint_times = live_.endpoint_times,
          .speech_starts = live_.request.speech_starts,
          .progress = true,
          .steering = live_.request.steering,
          .confidences = true,
          .written = live_.context.written};
}

void DeepgramConversation::tell(const SessionEvent& event) {
  switch (event.kind) {
    case EventKind::kSpeechStart:
      return line().send_text(deepgram_speech_started(event.start_s, live_.context));
    case EventKind::kProgress:
      return look_for_utterance_end();
    default:
      return tell_words(event);
  }
}

void DeepgramConversation::tell_words(const SessionEvent& event) {
  if (!event.words.empty()) last_word_end_s_ = event.words.back().end_s;
  const bool is_final = event.kind == EventKind::kFinal;
  if (!is_final && !live_.request.interim_results) return;
  const bool was_asked_for = is_final && is_settling();
  line().send_text(
      deepgram_results(event,
                       {.is_final = is_final,
                        .speech_final = is_final && !was_asked_for && live_.request.endpoints,
                        .from_finalize = is_final && is_finalizing_},
                       live_.context));
}

void DeepgramConversation::look_for_utterance_end() {
  if (!live_.request.utterance_end_s || !last_word_end_s_) return;
  if (worked_s() - *last_word_end_s_ < *live_.request.utterance_end_s) return;
  line().send_text(
      deepgram_utterance_end(*std::exchange(last_word_end_s_, std::nullopt), live_.context));
}

void DeepgramConversation::tell_settled(Request request, bool) {
  is_finalizing_ = false;
  if (request != Request::kFlush && live_.context.channel_count == 1) {
    line().send_text(deepgram_metadata(audio_s(), live_.context));
  }
}

void DeepgramConversation::tell_error(Closing& closing) {
  const std::string_view code = code_of(closing.code);
  line().send_text(deepgram_error(code, closing.details));
  if (closing.code == close_code::kBadMessage) closing.code = close_code::kPolicy;
  closing.reason = code;
}

Closing DeepgramConversation::closing_for(Ending ending) const {
  Closing closing = closing_of(ending);
  const bool is_silent =
      ending == Ending::kIdle || ending == Ending::kNoAudio || ending == Ending::kSlow;
  if (!is_silent && ending != Ending::kTooLong) return closing;
  closing.details =
      std::exchange(closing.reason, std::string(is_silent ? kNothingReceived : kTooLongSession));
  closing.code = close_code::kInternalError;
  return closing;
}

Protocol deepgram_protocol() {
  return {.name = "deepgram",
          .carrier = Carrier::kWebSocket,
          .path = "/v1/listen",
          .accept = accept_deepgram,
          .word_refusal = word_deepgram_refusal,
          .count_sessions = count_deepgram_sessions};
}

}  // namespace harpy

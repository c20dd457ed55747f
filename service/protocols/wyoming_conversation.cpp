#include "service/protocols/wyoming_conversation.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include <boost/json.hpp>

namespace harpy {

namespace json = boost::json;

namespace {

MakeConversation accept_wyoming(const ClientRequest&, const ProtocolSettings& settings) {
  const WyomingOptions options{.model = settings.model,
                               .endpoint_times = settings.endpoint_times,
                               .limits = settings.limits};
  return [options](Line& line, OpenSession open) {
    return std::make_unique<WyomingConversation>(line, std::move(open), options);
  };
}

RefusalText word_wyoming_refusal(const Refusal& refusal, const ClientRequest&) {
  return {.body = wyoming_error(refusal.reason, std::to_string(refusal.status))};
}

}  // namespace

WyomingConversation::WyomingConversation(Line& line, OpenSession open,
                                         const WyomingOptions& options)
    : StreamConversation(line, std::move(open), options.limits), options_(options) {}

void WyomingConversation::hear_bytes(std::span<const std::byte> bytes) {
  reader_.add(bytes);
  hear_events();
}

void WyomingConversation::resume() {
  if (!is_hearing_) hear_events();
}

void WyomingConversation::hear_events() {
  is_hearing_ = true;
  try {
    while (is_listening()) {
      const std::optional<WyomingEvent> event = reader_.next();
      if (!event) break;
      hear(*event);
    }
  } catch (const std::runtime_error& error) {
    fail(close_code::kBadMessage, "bad event", error.what());
  }
  is_hearing_ = false;
}

void WyomingConversation::hear(const WyomingEvent& event) {
  if (event.type == "audio-chunk") return hear_audio(event);
  line().count_command(event.payload.size());
  if (event.type == "describe") {
    line().send_text(wyoming_info(options_.model));
  } else if (event.type == "ping") {
    send("pong", event.data);
  } else if (event.type == "audio-start") {
    if (has_session()) throw std::runtime_error("audio-start: the last audio was not stopped");
    format_ = wyoming_format(event);
    decoder_ = MonoDecoder(format_);
    is_open_ = true;
    send("transcript-start", {{"language", options_.model.language}});
  } else if (event.type == "audio-stop") {
    if (is_open_) ask(Request::kFlush);
  }
}

void WyomingConversation::hear_audio(const WyomingEvent& event) {
  if (!is_open_) throw std::runtime_error("audio-chunk: expected audio-start before");
  if (wyoming_format(event) != format_) {
    throw std::runtime_error("audio-chunk: expected the format of audio-start");
  }
  push([&](std::vector<float>& samples) { decoder_.decode(event.payload, samples); });
}

SessionOptions WyomingConversation::session_options() const {
  return {.sample_rate_hz = static_cast<double>(format_.sample_rate_hz),
          .partials = false,
          .endpoint_times = options_.endpoint_times,
          .progress = true};
}

void WyomingConversation::tell(const SessionEvent& event) {
  if (event.kind != EventKind::kFinal || event.words.empty()) return;
  const std::string separator = text_.empty() ? "" : " ";
  const std::string text = separator + event.text();
  text_ += text;
  send("transcript-chunk", {{"text", text}});
}

void WyomingConversation::tell_settled(Request, bool) {
  if (!std::exchange(is_open_, false)) return;
  send("transcript", {{"text", std::exchange(text_, "")}, {"language", options_.model.language}});
  send("transcript-stop");
}

void WyomingConversation::tell_error(Closing& closing) {
  line().send_text(wyoming_error(closing.details, closing.reason));
}

void WyomingConversation::send(std::string_view type, const json::object& data) {
  line().send_text(wyoming_event(type, data));
}

Protocol wyoming_protocol() {
  return {.name = "wyoming",
          .carrier = Carrier::kTcp,
          .path = "",
          .accept = accept_wyoming,
          .word_refusal = word_wyoming_refusal};
}

}  // namespace harpy

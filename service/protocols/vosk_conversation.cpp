#include "service/protocols/vosk_conversation.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace harpy {

namespace {

MakeConversation accept_vosk(const ClientRequest&, const ProtocolSettings& settings) {
  VoskConversationOptions options{.settings = settings.vosk,
                                  .max_waiting_replies = settings.limits.max_waiting_replies,
                                  .max_text_bytes = settings.limits.max_text_bytes};
  options.settings.sample_rate_hz = settings.sample_rate_hz.value_or(settings.vosk.sample_rate_hz);
  options.settings.endpoint_times = settings.endpoint_times;
  return [options](Line& line, OpenSession open) {
    return std::make_unique<VoskConversation>(line, std::move(open), options);
  };
}

RefusalText word_vosk_refusal(const Refusal& refusal, const ClientRequest&) {
  return {.body = refusal.reason};
}

}  // namespace

VoskConversation::VoskConversation(Line& line, OpenSession open,
                                   const VoskConversationOptions& options)
    : StreamConversation(line, std::move(open),
                         {.max_waiting_replies = options.max_waiting_replies,
                          .max_text_bytes = options.max_text_bytes}),
      settings_(options.settings) {}

void VoskConversation::hear_text(std::string_view text) {
  std::optional<VoskMessage> message;
  try {
    message = parse_vosk_message(text, settings_);
  } catch (const std::runtime_error& error) {
    return refuse(error.what());
  }
  follow(*message);
}

void VoskConversation::hear_bytes(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (bytes.size() <= max_text_bytes() && is_vosk_message(text)) return take_text(text);
  hear_audio(bytes);
}

void VoskConversation::follow(const VoskMessage& message) {
  if (message.settings) {
    if (has_session() && message.settings->sample_rate_hz != settings_.sample_rate_hz) {
      return refuse("sample_rate cannot change within the audio; send a reset first");
    }
    if (has_session() && (message.settings->steering != settings_.steering ||
                          message.settings->endpoint_times != settings_.endpoint_times)) {
      return refuse(
          "what steers the recognition and its endpoints cannot change within the audio; "
          "send a reset first");
    }
    if (has_session() && message.settings->written != settings_.written) {
      return refuse("written cannot change within the audio; send a reset first");
    }
    settings_ = *message.settings;
    for (const std::string_view key : message.ignored_keys) {
      line().note(Severity::kWarning,
                  "config key " + std::string(key) + " is not supported and ignored");
    }
  }
  if (message.reset || message.eof) ask(message.eof ? Request::kEnd : Request::kFlush);
}

void VoskConversation::hear_audio(std::span<const std::byte> bytes) {
  push([&](std::vector<float>& samples) { decoder_.decode(bytes, samples); });
  awaited_.push_back(heard_samples());
  answer_frames();
}

SessionOptions VoskConversation::session_options() const { return vosk_session_options(settings_); }

void VoskConversation::tell(const SessionEvent& event) {
  replies_.accept(event);
  answer_frames();
}

void VoskConversation::answer_frames() {
  while (!awaited_.empty() && awaited_.front() <= worked_samples()) {
    awaited_.pop_front();
    line().send_text(replies_.reply_to_audio(settings_));
  }
}

void VoskConversation::tell_settled(Request request, bool has_heard) {
  decoder_ = PcmDecoder(PcmCoding::kS16);
  if (has_heard || request != Request::kNone) {
    line().send_text(replies_.reply_to_end(settings_));
  }
}

void VoskConversation::tell_error(Closing& closing) {
  line().send_text(vosk_error(closing.details));
}

Protocol vosk_protocol() {
  return {.name = "vosk",
          .carrier = Carrier::kWebSocket,
          .path = "",
          .accept = accept_vosk,
          .word_refusal = word_vosk_refusal};
}

}  // namespace harpy

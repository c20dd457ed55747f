#include "service/protocols/vosk_conversation.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();

Closing closing_of(Ending ending) {
  if (ending == Ending::kIdle) {
    return {.code = close_code::kPolicy, .reason = "nothing received for too long", .details = {}};
  }
  return {.code = close_code::kGoingAway, .reason = "the server shuts down", .details = {}};
}

}  // namespace

VoskConversation::VoskConversation(Line& line, OpenSession open,
                                   const VoskConversationOptions& options)
    : line_(line),
      open_(std::move(open)),
      max_waiting_replies_(options.max_waiting_replies),
      settings_(options.settings) {}

VoskConversation::~VoskConversation() {
  if (session_) session_->cancel();
}

bool VoskConversation::is_listening() const {
  return !is_closed_ && !is_frame_held_ && !is_settling();
}

std::size_t VoskConversation::input_room() const {
  const bool has_room = awaited_.size() + line_.unsent_count() < max_waiting_replies_;
  return is_listening() && has_room ? kAnyLength : 0;
}

bool VoskConversation::owes_reply() const {
  return !is_closed_ && (is_settling() || is_frame_held_ || !awaited_.empty());
}

double VoskConversation::audio_s() const {
  return earlier_audio_s_ + static_cast<double>(pushed_samples_) / settings_.sample_rate_hz;
}

void VoskConversation::take_text(std::string_view text) {
  if (!is_listening()) return;
  std::optional<VoskMessage> message;
  try {
    message = parse_vosk_message(text, settings_);
  } catch (const std::runtime_error& error) {
    return fail(close_code::kBadMessage, "bad message", error.what());
  }
  follow(*message);
}

void VoskConversation::take_bytes(std::span<const std::byte> bytes) {
  if (!is_listening()) return;
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  if (is_vosk_message(text)) return take_text(text);
  take_audio(bytes);
}

void VoskConversation::take_end() {
  if (!is_listening()) return;
  if (!session_) return close({.code = close_code::kNormal, .reason = "end of input"});
  request_ = Request::kEof;
  settle();
}

void VoskConversation::end(Ending reason) {
  if (is_closed_ || ending_ || request_ == Request::kEof) return;
  const bool was_settling = is_settling();
  ending_ = reason;
  if (!was_settling) settle();
}

void VoskConversation::follow(const VoskMessage& message) {
  if (message.settings) {
    if (session_ && message.settings->sample_rate_hz != settings_.sample_rate_hz) {
      return fail(close_code::kBadMessage, "bad message",
                  "sample_rate cannot change within the audio; send a reset first");
    }
    if (session_ && (message.settings->steering != settings_.steering ||
                     message.settings->endpoint_times != settings_.endpoint_times)) {
      return fail(close_code::kBadMessage, "bad message",
                  "what steers the recognition and its endpoints cannot change within the audio; "
                  "send a reset first");
    }
    if (session_ && message.settings->written != settings_.written) {
      return fail(close_code::kBadMessage, "bad message",
                  "written cannot change within the audio; send a reset first");
    }
    settings_ = *message.settings;
    for (const std::string_view key : message.ignored_keys) {
      line_.note(Severity::kWarning,
                 "config key " + std::string(key) + " is not supported and ignored");
    }
  }
  if (!message.reset && !message.eof) return;
  request_ = message.eof ? Request::kEof : Request::kReset;
  settle();
}

void VoskConversation::take_audio(std::span<const std::byte> bytes) {
  frame_.clear();
  decoder_.decode(bytes, frame_);
  if (!session_) open_session();
  push_frame();
}

void VoskConversation::open_session() {
  replies_.set_time_offset(earlier_audio_s_);
  const bool is_n_best = settings_.max_alternatives > 0;
  session_ = open_({.sample_rate_hz = settings_.sample_rate_hz,
                    .endpoint_times = settings_.endpoint_times,
                    .progress = true,
                    .steering = settings_.steering,
                    .confidences = settings_.words && !is_n_best,
                    .max_alternatives = settings_.max_alternatives,
                    .written = settings_.written},
                   [this](const SessionEvent& event) { on_event(event); });
}

void VoskConversation::push_frame() {
  is_frame_held_ = session_->push(frame_) == PushResult::kFull;
  if (is_frame_held_) return;
  pushed_samples_ += static_cast<std::int64_t>(frame_.size());
  awaited_.push_back(pushed_samples_);
  answer_frames();
}

void VoskConversation::on_event(const SessionEvent& event) {
  if (is_closed_) return;
  switch (event.kind) {
    case EventKind::kSpeechStart:
      return;
    case EventKind::kPartial:
    case EventKind::kFinal:
      replies_.accept(event);
      return;
    case EventKind::kProgress:
      worked_samples_ = event.sample_count;
      return answer_frames();
    case EventKind::kRoom:
      if (!is_frame_held_) return;
      push_frame();
      if (is_settling()) settle();
      return;
    case EventKind::kError:
      if (event.is_refusal) return fail(close_code::kBadMessage, "bad message", event.error);
      line_.note(Severity::kError, "recognition failed: " + event.error);
      return fail(close_code::kInternalError, "recognition failed", "recognition failed");
    case EventKind::kEnd:
      return settled();
  }
}

void VoskConversation::answer_frames() {
  while (!awaited_.empty() && awaited_.front() <= worked_samples_) {
    awaited_.pop_front();
    line_.send_text(replies_.reply_to_audio(settings_));
  }
}

void VoskConversation::settle() {
  if (is_frame_held_) return;
  if (!session_) return settled();
  session_->finish();
}

void VoskConversation::settled() {
  const bool has_heard = session_ != nullptr;
  session_.reset();
  decoder_ = PcmDecoder(PcmCoding::kS16);
  earlier_audio_s_ = audio_s();
  pushed_samples_ = 0;
  worked_samples_ = 0;
  const Request request = std::exchange(request_, Request::kNone);
  if (has_heard || request != Request::kNone) line_.send_text(replies_.reply_to_end(settings_));
  if (request == Request::kEof) {
    close({.code = close_code::kNormal, .reason = "end of audio", .details = {}});
  } else if (ending_) {
    close(closing_of(*ending_));
  }
}

void VoskConversation::close(Closing closing) {
  is_closed_ = true;
  awaited_.clear();
  if (session_) session_->cancel();
  line_.close(std::move(closing));
}

void VoskConversation::fail(std::uint16_t code, const char* reason, const std::string& details) {
  line_.send_text(vosk_error(details));
  close({.code = code, .reason = reason, .details = details});
}

}  // namespace harpy

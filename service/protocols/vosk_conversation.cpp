#include "service/protocols/vosk_conversation.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();
/// Room for so many samples is kept between frames; what a longer frame took is given back.
constexpr std::size_t kKeptFrameSamples = std::size_t{1} << 14;
/// A long frame is given to the session in pieces, so that it need not have room for all at once.
constexpr std::size_t kPieceSamples = std::size_t{1} << 16;

}  // namespace

VoskConversation::VoskConversation(Line& line, OpenSession open,
                                   const VoskConversationOptions& options)
    : line_(line),
      open_(std::move(open)),
      max_waiting_replies_(options.max_waiting_replies),
      max_text_bytes_(options.max_text_bytes),
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
  line_.count_command(text.size());
  if (text.size() > max_text_bytes_) {
    return fail(close_code::kTooLong, "message too long",
                "a text message may have " + std::to_string(max_text_bytes_) + " bytes");
  }
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
  if (bytes.size() <= max_text_bytes_ && is_vosk_message(text)) return take_text(text);
  take_audio(bytes);
}

void VoskConversation::take_end() {
  if (!is_listening()) return;
  if (!session_) return close({.code = close_code::kNormal, .reason = "end of input"});
  request_ = Request::kEof;
  settle();
}

void VoskConversation::end(Ending reason) {
  if (is_closed_) return;
  if (reason == Ending::kStop) return stop();
  if (ending_ || request_ == Request::kEof) return;
  const bool was_settling = is_settling();
  ending_ = reason;
  if (!was_settling) settle();
}

void VoskConversation::stop() {
  if (session_) {
    line_.send_text(vosk_error("the server stops before all audio is recognised"));
  }
  close(closing_of(Ending::kStop));
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
  frame_begin_ = 0;
  decoder_.decode(bytes, frame_);
  if (!session_) open_session();
  push_frame();
}

void VoskConversation::open_session() {
  replies_.set_time_offset(earlier_audio_s_);
  session_ = open_(vosk_session_options(settings_),
                   [this](const SessionEvent& event) { on_event(event); });
}

void VoskConversation::push_frame() {
  for (std::span<const float> rest = std::span(frame_).subspan(frame_begin_); !rest.empty();) {
    const std::span<const float> piece = rest.first(std::min(rest.size(), kPieceSamples));
    is_frame_held_ = session_->push(piece) == PushResult::kFull;
    if (is_frame_held_) return;
    rest = rest.subspan(piece.size());
    frame_begin_ += piece.size();
    pushed_samples_ += static_cast<std::int64_t>(piece.size());
  }
  is_frame_held_ = false;
  awaited_.push_back(pushed_samples_);
  if (frame_.capacity() > kKeptFrameSamples) frame_ = {};
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

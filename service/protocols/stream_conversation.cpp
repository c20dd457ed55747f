#include "service/protocols/stream_conversation.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {

namespace {

constexpr std::size_t kAnyLength = std::numeric_limits<std::size_t>::max();
/// Room for so many samples is kept between messages; what a longer message took is given back.
constexpr std::size_t kKeptSamples = std::size_t{1} << 14;
/// Much audio is given to the session in pieces, so that it need not have room for all at once.
constexpr std::size_t kPieceSamples = std::size_t{1} << 16;

}  // namespace

StreamConversation::StreamConversation(Line& line, OpenSession open, const StreamLimits& limits)
    : line_(line), open_(std::move(open)), limits_(limits) {}

StreamConversation::~StreamConversation() {
  if (session_) session_->cancel();
}

bool StreamConversation::is_listening() const {
  return !is_closed_ && !is_holding() && !is_settling();
}

std::size_t StreamConversation::input_room() const {
  const bool has_room = waiting_reply_count() + line_.unsent_count() < limits_.max_waiting_replies;
  return is_listening() && has_room ? kAnyLength : 0;
}

bool StreamConversation::owes_reply() const {
  return !is_closed_ && (is_settling() || worked_samples_ < heard_samples_);
}

double StreamConversation::audio_s() const {
  return earlier_audio_s_ + static_cast<double>(heard_samples_) / sample_rate_hz_;
}

double StreamConversation::worked_s() const {
  return earlier_audio_s_ + static_cast<double>(worked_samples_) / sample_rate_hz_;
}

void StreamConversation::take_text(std::string_view text) {
  if (!is_listening()) return;
  if (are_texts_commands()) line_.count_command(text.size());
  if (text.size() > limits_.max_text_bytes) {
    return fail(close_code::kTooLong, "message too long",
                "a text message may have " + std::to_string(limits_.max_text_bytes) + " bytes");
  }
  hear_text(text);
}

void StreamConversation::take_bytes(std::span<const std::byte> bytes) {
  if (is_listening()) hear_bytes(bytes);
}

void StreamConversation::take_end() {
  if (is_closed_ || is_settling()) return;
  if (!session_) return close({.code = close_code::kNormal, .reason = "end of input"});
  ask(Request::kEnd);
}

void StreamConversation::end(Ending reason) {
  if (is_closed_) return;
  if (reason == Ending::kStop) return stop();
  if (ending_ || request_ == Request::kEnd) return;
  const bool was_settling = is_settling();
  ending_ = reason;
  if (!was_settling) begin_settling();
}

void StreamConversation::stop() {
  Closing closing = closing_for(Ending::kStop);
  if (session_) {
    Closing error = closing;
    error.details = "the server stops before all audio is recognised";
    tell_error(error);
  }
  close(std::move(closing));
}

void StreamConversation::push(const std::function<void(std::vector<float>& samples)>& decode) {
  try {
    decode(held_);
  } catch (const std::runtime_error& error) {
    held_.clear();
    return fail(close_code::kBadMessage, "bad message", error.what());
  }
  if (!session_) open_session();
  heard_samples_ += static_cast<std::int64_t>(held_.size());
  push_held();
}

void StreamConversation::open_session() {
  const SessionOptions options = session_options();
  sample_rate_hz_ = options.sample_rate_hz;
  session_ = open_(options, [this, number = ++session_number_](const SessionEvent& event) {
    if (number == session_number_ && session_) on_event(event);
  });
}

void StreamConversation::push_held() {
  while (is_holding()) {
    const std::span<const float> rest = std::span(held_).subspan(held_begin_);
    const std::span<const float> piece = rest.first(std::min(rest.size(), kPieceSamples));
    if (session_->push(piece) == PushResult::kFull) return;
    held_begin_ += piece.size();
  }
  held_begin_ = 0;
  held_.clear();
  if (held_.capacity() > kKeptSamples) held_ = {};
}

void StreamConversation::on_event(const SessionEvent& event) {
  if (is_closed_) return;
  switch (event.kind) {
    case EventKind::kRoom:
      if (!is_holding()) return;
      push_held();
      if (is_settling()) return settle();
      if (is_listening()) resume();
      return;
    case EventKind::kError:
      if (event.is_refusal) return fail(close_code::kBadMessage, "bad message", event.error);
      line_.note(Severity::kError, "recognition failed: " + event.error);
      return fail(close_code::kInternalError, "recognition failed", "recognition failed");
    case EventKind::kEnd:
      return settled();
    case EventKind::kProgress:
      worked_samples_ = event.sample_count;
      return tell(event);
    case EventKind::kSpeechStart:
    case EventKind::kPartial:
    case EventKind::kFinal:
      if (!event.warning.empty()) line_.note(Severity::kWarning, event.warning);
      return tell(later_by(event, earlier_audio_s_));
  }
}

void StreamConversation::ask(Request request) {
  request_ = request;
  begin_settling();
}

void StreamConversation::begin_settling() {
  if (session_) push([this](std::vector<float>& samples) { finish_audio(samples); });
  settle();
}

void StreamConversation::settle() {
  if (is_holding()) return;
  if (!session_) return settled();
  session_->finish();
}

void StreamConversation::settled() {
  const bool has_heard = session_ != nullptr;
  earlier_audio_s_ = audio_s();
  forget_session();
  const Request request = std::exchange(request_, Request::kNone);
  tell_settled(request, has_heard);
  if (is_closed_) return;
  if (request == Request::kEnd) {
    close({.code = close_code::kNormal, .reason = "end of audio", .details = {}});
  } else if (ending_) {
    close(closing_for(*ending_));
  } else if (is_listening()) {
    resume();
  }
}

void StreamConversation::drop_session() {
  if (session_) session_->cancel();
  earlier_audio_s_ = audio_s();
  forget_session();
}

void StreamConversation::forget_session() {
  session_.reset();
  held_.clear();
  held_begin_ = 0;
  heard_samples_ = 0;
  worked_samples_ = 0;
}

void StreamConversation::close(Closing closing) {
  is_closed_ = true;
  if (session_) session_->cancel();
  line_.close(std::move(closing));
}

void StreamConversation::fail(std::uint16_t code, std::string_view reason,
                              std::string_view details) {
  Closing closing{.code = code, .reason = std::string(reason), .details = std::string(details)};
  tell_error(closing);
  close(std::move(closing));
}

}  // namespace harpy

#include "service/capi/blocking_recognizer.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <utility>

namespace harpy::capi {

namespace {

/// A session is given so many samples at a time and waited for, so that it always has room.
constexpr std::size_t kPieceAtOnce = std::size_t{1} << 16;

}  // namespace

BlockingRecognizer::BlockingRecognizer(std::shared_ptr<LoadedModel> model, double sample_rate_hz)
    : model_(std::move(model)), settings_{.sample_rate_hz = sample_rate_hz, .words = false} {
  open_session();  // tells what is wrong with the sample rate
  leave_session();
}

BlockingRecognizer::~BlockingRecognizer() { leave_session(); }

void BlockingRecognizer::set_grammar(std::string_view json) {
  SteeringRequest steering{.phrase_list = parse_vosk_phrases(json)};
  check_steering_request(steering);
  if (steering.has_grammar()) model_->recognizer().prepare(steering);
  settings_.steering = std::move(steering);
}

void BlockingRecognizer::open_session() {
  session_settings_ = settings_;
  events_ = std::make_shared<EventQueue>();
  session_ = model_->recognizer().open(
      vosk_session_options(settings_),
      [events = events_](const SessionEvent& event) { events->put(event); });
}

template <typename IsAwaited>
void BlockingRecognizer::follow_until(IsAwaited is_awaited) {
  for (;;) {
    const SessionEvent event = events_->take();
    if (event.kind == EventKind::kError) {
      reset();
      throw std::runtime_error(event.error);
    }
    replies_.accept(later_by(event, earlier_audio_s_));
    if (is_awaited(event)) return;
  }
}

bool BlockingRecognizer::accept(std::span<const float> samples) {
  if (samples.empty()) return replies_.has_settled();
  if (session_ && !has_untold_audio_ && session_settings_ != settings_) end_session();
  if (!session_) open_session();
  has_untold_audio_ = true;
  while (!samples.empty()) {
    const auto piece = samples.first(std::min(samples.size(), kPieceAtOnce));
    samples = samples.subspan(piece.size());
    if (session_->push(piece) == PushResult::kFull) {
      throw std::logic_error("a session that has worked off its audio has no room");
    }
    pushed_samples_ += static_cast<std::int64_t>(piece.size());
    follow_until([this](const SessionEvent& event) {
      return event.kind == EventKind::kProgress && event.sample_count == pushed_samples_;
    });
  }
  return replies_.has_settled();
}

void BlockingRecognizer::end_session() {
  if (!session_) return;
  session_->finish();
  follow_until([](const SessionEvent& event) { return event.kind == EventKind::kEnd; });
  leave_session();
}

void BlockingRecognizer::leave_session() {
  if (session_) session_->cancel();
  session_.reset();
  earlier_audio_s_ +=
      static_cast<double>(std::exchange(pushed_samples_, 0)) / session_settings_.sample_rate_hz;
}

std::string BlockingRecognizer::result() {
  return replies_.has_settled() ? tell() : final_result();
}

std::string BlockingRecognizer::final_result() {
  end_session();
  return tell();
}

std::string BlockingRecognizer::tell() {
  has_untold_audio_ = false;
  return replies_.reply_to_end(settings_);
}

void BlockingRecognizer::reset() {
  leave_session();
  replies_ = {};
  has_untold_audio_ = false;
}

}  // namespace harpy::capi

#include "tools/transcribe/transcription_progress.hpp"

#include <algorithm>
#include <cmath>

#include "tools/terminal/duration.hpp"

namespace harpy::tools {

namespace {

/// Before that, rate and remaining time would be guesses.
constexpr double kLeastElapsed_s = 0.2;

}  // namespace

double TranscriptionState::share() const {
  const double part = total_s && *total_s > 0.0
                          ? done_s / *total_s
                          : static_cast<double>(done_count) /
                                static_cast<double>(std::max<std::size_t>(1, recording_count));
  return std::clamp(part, 0.0, 1.0);
}

std::string progress_text(const TranscriptionState& state) {
  const double done = state.share();
  std::string text = std::to_string(static_cast<int>(100.0 * done)) + " %";
  if (state.recording_count > 1) {
    text += "  " + std::to_string(state.done_count) + " of " +
            std::to_string(state.recording_count) + " recordings";
  }
  if (state.elapsed_s >= kLeastElapsed_s && state.done_s > 0.0) {
    text += "  " + std::to_string(std::llround(state.done_s / state.elapsed_s)) + " x real time";
    if (done > 0.0) text += "  " + format_duration(state.elapsed_s * (1.0 - done) / done) + " left";
  }
  return text;
}

TranscriptionProgress::TranscriptionProgress(std::FILE* stream, std::size_t recording_count,
                                             std::optional<double> total_s)
    : bar_(stream) {
  state_.recording_count = recording_count;
  state_.total_s = total_s;
}

void TranscriptionProgress::add_audio(double seconds) {
  const std::lock_guard lock(mutex_);
  state_.done_s += seconds;
  show();
}

void TranscriptionProgress::add_recording() {
  const std::lock_guard lock(mutex_);
  ++state_.done_count;
  show();
}

void TranscriptionProgress::show() {
  state_.elapsed_s = std::chrono::duration<double>(Clock::now() - begin_).count();
  bar_.show(state_.share(), progress_text(state_));
}

}  // namespace harpy::tools

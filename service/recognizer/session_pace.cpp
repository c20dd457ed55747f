#include "service/recognizer/session_pace.hpp"

#include <algorithm>

namespace harpy {

namespace {

/// Samples that arrive within this time of one another are kept as one arrival.
constexpr std::chrono::milliseconds kArrivalGrain{10};

}  // namespace

void SessionPace::arrived(std::size_t samples, Time now) {
  if (!first_) first_ = now;
  arrived_s_ += static_cast<double>(samples) / sample_rate_hz_;
  const std::chrono::duration<double> ahead =
      std::chrono::duration<double>(arrived_s_) - (now - *first_);
  if (ahead > kMostAhead) is_bulk_ = true;
  if (!waiting_.empty() && now - waiting_.back().time < kArrivalGrain) {
    waiting_.back().samples += samples;
  } else {
    waiting_.push_back({.samples = samples, .time = now});
  }
}

void SessionPace::taken(std::size_t samples) {
  while (samples > 0 && !waiting_.empty()) {
    const std::size_t count = std::min(samples, waiting_.front().samples);
    waiting_.front().samples -= count;
    samples -= count;
    if (waiting_.front().samples == 0) waiting_.pop_front();
  }
}

Urgency SessionPace::urgency(Time now) const {
  return {.waiting_since = waiting_.empty() ? now : waiting_.front().time, .is_bulk = is_bulk_};
}

}  // namespace harpy

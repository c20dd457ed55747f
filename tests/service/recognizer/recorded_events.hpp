#pragma once

#include <cmath>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "service/recognizer/session_event.hpp"

namespace harpy::testing {

/// Sounds that change every tenth of a second, and one long silence.
inline std::vector<float> example_audio(double sample_rate_hz, double seconds) {
  std::mt19937 random(5);
  std::vector<float> samples(static_cast<std::size_t>(sample_rate_hz * seconds));
  double pitch_hz = 200.0;
  for (std::size_t index = 0; index < samples.size(); ++index) {
    if (index % static_cast<std::size_t>(sample_rate_hz / 10.0) == 0) {
      pitch_hz = 100.0 + static_cast<double>(random() % 3000);
    }
    const double time_s = static_cast<double>(index) / sample_rate_hz;
    const bool silent = time_s > 3.0 && time_s < 5.0;
    samples[index] =
        silent ? 0.0F : static_cast<float>(0.3 * std::sin(2.0 * M_PI * pitch_hz * time_s));
  }
  return samples;
}

/// Keeps the events of a session and waits for the last one.
class Recorder {
 public:
  EventHandler handler() {
    return [this](const SessionEvent& event) {
      const std::lock_guard lock(mutex_);
      if (event.kind == EventKind::kRoom) {
        room_ = true;
      } else {
        events_.push_back(event);
      }
      changed_.notify_all();
    };
  }
  void wait_for_room() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return room_; });
    room_ = false;
  }
  std::vector<SessionEvent> wait_for_end() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] {
      return !events_.empty() &&
             (events_.back().kind == EventKind::kEnd || events_.back().kind == EventKind::kError);
    });
    return events_;
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return events_.size();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionEvent> events_;
  bool room_ = false;
};

/// Kinds, times and words of events, in lines.
inline std::string describe(const std::vector<SessionEvent>& events) {
  std::string text;
  for (const SessionEvent& event : events) {
    text += std::to_string(static_cast<int>(event.kind)) + "[" + std::to_string(event.start_s) +
            "-" + std::to_string(event.end_s) + "]";
    for (const RecognizedWord& word : event.words) {
      text +=
          " " + word.text + "@" + std::to_string(word.start_s) + "-" + std::to_string(word.end_s);
    }
    text += "\n";
  }
  return text;
}

}  // namespace harpy::testing

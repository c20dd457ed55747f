#include "tools/transcription.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <stdexcept>

#include "frontend/audio_file.hpp"

namespace harpy::tools {

namespace {

/// Collects a session's events and lets the reading thread wait for them.
class EventCollector {
 public:
  void handle(const SessionEvent& event) {
    const std::lock_guard lock(mutex_);
    switch (event.kind) {
      case EventKind::kFinal:
        if (!event.words.empty()) finals_.push_back(event);
        break;
      case EventKind::kRoom:
        room_ = true;
        break;
      case EventKind::kError:
        error_ = event.error;
        ended_ = true;
        break;
      case EventKind::kEnd:
        ended_ = true;
        break;
      case EventKind::kProgress:
      case EventKind::kPartial:
        break;
    }
    changed_.notify_all();
  }

  void wait_for_room() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return room_ || ended_; });
    room_ = false;
  }

  void wait_for_end(Transcription& result) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return ended_; });
    result.finals = std::move(finals_);
    result.error = error_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<SessionEvent> finals_;
  std::string error_;
  bool room_ = false;
  bool ended_ = false;
};

}  // namespace

std::string Transcription::text() const {
  std::string joined;
  for (const SessionEvent& event : finals) {
    if (!joined.empty()) joined += ' ';
    joined += event.text();
  }
  return joined;
}

Transcription transcribe(Recognizer& recognizer, const Recording& recording, bool endpoints) {
  Transcription result;
  const auto events = std::make_shared<EventCollector>();
  std::shared_ptr<Session> session;
  try {
    AudioFile file(recording.audio);
    session = recognizer.open({.sample_rate_hz = static_cast<double>(file.sample_rate_hz()),
                               .partials = false,
                               .endpoints = endpoints},
                              [events](const SessionEvent& event) { events->handle(event); });
    MonoReader reader(file, recording.start_s, recording.end_s);
    for (std::span<const float> samples = reader.read(); !samples.empty();
         samples = reader.read()) {
      while (session->push(samples) == PushResult::kFull) events->wait_for_room();
      result.duration_s += static_cast<double>(samples.size()) / file.sample_rate_hz();
    }
    session->finish();
    events->wait_for_end(result);
  } catch (const std::exception& error) {
    if (session) session->cancel();
    result.error = error.what();
  }
  return result;
}

}  // namespace harpy::tools

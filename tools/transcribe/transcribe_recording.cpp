#include "tools/transcribe/transcribe_recording.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace harpy::tools {

namespace {

/// Collects a session's events and lets the reading thread wait for them.
class EventCollector {
 public:
  EventCollector(double sample_rate_hz, AudioProgress progress)
      : sample_rate_hz_(sample_rate_hz), progress_(std::move(progress)) {}

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
        report(event.sample_count);
        break;
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
  void report(std::int64_t sample_count) {
    if (progress_) progress_(static_cast<double>(sample_count - reported_) / sample_rate_hz_);
    reported_ = sample_count;
  }

  const double sample_rate_hz_;
  const AudioProgress progress_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::int64_t reported_ = 0;  ///< samples
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

Transcription transcribe(Recognizer& recognizer, const Recording& recording, bool endpoints,
                         const AudioProgress& progress) {
  Transcription result;
  std::shared_ptr<EventCollector> events;
  std::shared_ptr<Session> session;
  try {
    const OpenRecording opened = open_recording(recording);
    const double rate_hz = opened.source->sample_rate_hz();
    events = std::make_shared<EventCollector>(rate_hz, progress);
    session = recognizer.open({.sample_rate_hz = rate_hz,
                               .partials = false,
                               .endpoints = endpoints,
                               .progress = static_cast<bool>(progress)},
                              [events](const SessionEvent& event) { events->handle(event); });
    MonoReader reader(*opened.source, recording.start_s, recording.end_s,
                      {.channel = recording.channel});
    for (std::span<const float> samples = reader.read(); !samples.empty();
         samples = reader.read()) {
      while (session->push(samples) == PushResult::kFull) events->wait_for_room();
      result.duration_s += static_cast<double>(samples.size()) / rate_hz;
    }
    session->finish();
    events->wait_for_end(result);
  } catch (const std::exception& error) {
    if (session) session->cancel();
    result.error = error.what();
    const std::string spooled = recording.spooled.string();
    if (!spooled.empty() && result.error.starts_with(spooled)) {
      result.error.replace(0, spooled.size(), "standard input");
    }
  }
  return result;
}

}  // namespace harpy::tools

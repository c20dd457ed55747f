#include <algorithm>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tests/bench/loads.hpp"
#include "tests/bench/measurement.hpp"

namespace harpy::bench {
namespace {

constexpr double kFrame_s = 0.1;
constexpr double kWarmUp_s = 5.0;
constexpr std::size_t kStartingPasses = 20;  ///< frames in which all sessions begin
constexpr double kMostDraining_s = 20.0;
constexpr std::size_t kSessionsOfFeeder = 2500;

Clock::duration to_duration(double seconds) {
  return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

/// One session in real time and what it measures. Events come on a worker's thread, one at a time.
class PacedSession {
 public:
  struct Latencies {
    std::vector<float> frames_ms;
    std::vector<float> partials_ms;  ///< from a word's end to the first event with so many words
    std::vector<float> words_ms;     ///< to the first event that shows the word
  };

  /// Counts what is due from `measured_from` on.
  PacedSession(Recognizer& recognizer, Clock::time_point start, Clock::time_point measured_from,
               std::function<void()> at_end)
      : rate_hz_(recognizer.model().features()->sample_rate_hz()),
        frame_samples_(static_cast<std::int64_t>(kFrame_s * rate_hz_)),
        start_(start),
        measured_from_(measured_from),
        at_end_(std::move(at_end)),
        session_(recognizer.open({.sample_rate_hz = rate_hz_, .progress = true},
                                 [this](const SessionEvent& event) { accept(event); })) {}

  /// Returns false if the frame was refused.
  bool push(std::span<const float> frame) { return session_->push(frame) == PushResult::kAccepted; }
  void finish() { session_->finish(); }

  /// Once the session has ended or is cancelled.
  const Latencies& latencies() const { return latencies_; }
  const std::string& error() const { return error_; }

 private:
  /// When something was shown first.
  struct Shown {
    std::size_t text_hash = 0;
    Clock::time_point time;
  };

  Clock::time_point due(double audio_s) const { return start_ + to_duration(audio_s); }

  void add(std::vector<float>& latencies_ms, Clock::time_point due, Clock::time_point now) const {
    if (due < measured_from_) return;
    latencies_ms.push_back(
        static_cast<float>(1e3 * std::chrono::duration<double>(now - due).count()));
  }

  void accept(const SessionEvent& event) {
    const Clock::time_point now = Clock::now();
    switch (event.kind) {
      case EventKind::kPartial:
        show(event, now);
        break;
      case EventKind::kFinal:
        show(event, now);
        settle(event);
        shown_.clear();
        break;
      case EventKind::kProgress:
        for (; (done_frames_ + 1) * frame_samples_ <= event.sample_count; ++done_frames_) {
          add(latencies_.frames_ms, due(static_cast<double>(done_frames_ + 1) * kFrame_s), now);
        }
        break;
      case EventKind::kError:
        error_ = event.error;
        at_end_();
        break;
      case EventKind::kEnd:
        at_end_();
        break;
      case EventKind::kSpeechStart:
      case EventKind::kRoom:
        break;
    }
  }

  void show(const SessionEvent& event, Clock::time_point now) {
    if (shown_.size() < event.words.size()) shown_.resize(event.words.size());
    for (std::size_t i = 0; i < event.words.size(); ++i) {
      const std::size_t hash = std::hash<std::string>{}(event.words[i].text);
      const auto found = std::find_if(shown_[i].begin(), shown_[i].end(),
                                      [&](const Shown& shown) { return shown.text_hash == hash; });
      if (found == shown_[i].end()) shown_[i].push_back({hash, now});
    }
  }

  void settle(const SessionEvent& event) {
    for (std::size_t i = 0; i < event.words.size(); ++i) {
      const std::size_t hash = std::hash<std::string>{}(event.words[i].text);
      const auto found = std::find_if(shown_[i].begin(), shown_[i].end(),
                                      [&](const Shown& shown) { return shown.text_hash == hash; });
      add(latencies_.partials_ms, due(event.words[i].end_s), shown_[i].front().time);
      add(latencies_.words_ms, due(event.words[i].end_s), found->time);
    }
  }

  double rate_hz_;
  std::int64_t frame_samples_;
  Clock::time_point start_;
  Clock::time_point measured_from_;
  std::function<void()> at_end_;
  // Of the worker.
  std::int64_t done_frames_ = 0;
  std::vector<std::vector<Shown>> shown_;  ///< of each word of the utterance, in order
  Latencies latencies_;
  std::string error_;
  std::shared_ptr<Session> session_;
};

/// How a feeder fared.
struct FeederReport {
  std::vector<float> lags_ms;  ///< from when frames were due to when they had been pushed
  std::int64_t refused_frames = 0;
  double cpu_s = 0.0;
};

/// All recordings behind one another, again and again.
class EndlessRecording {
 public:
  EndlessRecording(const Recordings& recordings, std::size_t frame_samples)
      : frame_samples_(frame_samples) {
    for (const std::vector<float>& recording : recordings) {
      samples_.insert(samples_.end(), recording.begin(), recording.end());
    }
    size_ = samples_.size();
    for (std::size_t i = 0; i < frame_samples; ++i) samples_.push_back(samples_[i]);
  }

  /// A frame of what a session hears, which begins somewhere else for each.
  std::span<const float> frame(std::size_t session, std::size_t frame) const {
    return std::span(samples_).subspan((session * kStep + frame * frame_samples_) % size_,
                                       frame_samples_);
  }

 private:
  static constexpr std::size_t kStep = 1000003;

  std::size_t frame_samples_;
  std::size_t size_ = 0;
  std::vector<float> samples_;  ///< and the first frame's once more
};

/// Sessions in real time, shared by some feeders.
class PacedLoad {
 public:
  PacedLoad(Recognizer& recognizer, const Recordings& recordings, const PacedOptions& options)
      : recognizer_(recognizer),
        options_(options),
        audio_(recordings, static_cast<std::size_t>(
                               kFrame_s * recognizer.model().features()->sample_rate_hz())),
        sessions_(options.session_count),
        open_count_(options.session_count) {}

  /// Returns the processor seconds, feeders' included, of the time that is measured.
  double run() {
    reports_.resize((sessions_.size() + kSessionsOfFeeder - 1) / kSessionsOfFeeder);
    double cpu_s = 0.0;
    {
      std::vector<std::jthread> feeders;
      for (std::size_t i = 0; i < reports_.size(); ++i) {
        feeders.emplace_back([this, i] { feed(i); });
      }
      std::this_thread::sleep_until(measured_from_);
      cpu_s = process_cpu_s();
      std::this_thread::sleep_until(end_);
      cpu_s = process_cpu_s() - cpu_s;
    }
    for (const auto& session : sessions_) session->finish();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, to_duration(kMostDraining_s), [this] { return open_count_ == 0; });
    return cpu_s;
  }

  /// Sessions that had not ended in time after `run`.
  std::size_t open_count() {
    const std::lock_guard lock(mutex_);
    return open_count_;
  }
  const std::vector<std::unique_ptr<PacedSession>>& sessions() const { return sessions_; }
  const std::vector<FeederReport>& reports() const { return reports_; }

 private:
  /// Feeds a share of the sessions. A pass of a frame's duration brings a frame to each, in the
  /// order in which they come due; a session begins in one of the first passes.
  void feed(std::size_t feeder) {
    FeederReport& report = reports_[feeder];
    double cpu_begin_s = 0.0;
    bool is_measured = false;
    for (std::size_t pass = 0; Clock::now() < end_; ++pass) {
      if (!is_measured && Clock::now() >= measured_from_) {
        is_measured = true;
        cpu_begin_s = thread_cpu_s();
      }
      for (std::size_t i = feeder; i < sessions_.size(); i += reports_.size()) {
        const std::size_t first_pass = i % kStartingPasses;
        if (pass < first_pass) continue;
        const double phase = static_cast<double>(i) / static_cast<double>(sessions_.size());
        const Clock::time_point begin =
            start_ + to_duration(kFrame_s * (static_cast<double>(first_pass) + phase));
        std::unique_ptr<PacedSession>& session = sessions_[i];
        if (session == nullptr) {
          session = std::make_unique<PacedSession>(recognizer_, begin, measured_from_,
                                                   [this] { end_session(); });
        }
        const Clock::time_point due =
            begin + to_duration(kFrame_s * static_cast<double>(pass - first_pass + 1));
        std::this_thread::sleep_until(due);
        const bool is_taken = session->push(audio_.frame(i, pass - first_pass));
        if (!is_measured) continue;
        report.lags_ms.push_back(static_cast<float>(1e3 * seconds_since(due)));
        report.refused_frames += is_taken ? 0 : 1;
      }
    }
    report.cpu_s = thread_cpu_s() - cpu_begin_s;
  }
  void end_session() {
    const std::lock_guard lock(mutex_);
    --open_count_;
    changed_.notify_all();
  }

  Recognizer& recognizer_;
  PacedOptions options_;
  EndlessRecording audio_;
  std::vector<std::unique_ptr<PacedSession>> sessions_;
  std::vector<FeederReport> reports_;
  Clock::time_point start_ = Clock::now() + to_duration(0.1);
  Clock::time_point measured_from_ = start_ + to_duration(kWarmUp_s);
  Clock::time_point end_ = measured_from_ + to_duration(options_.duration_s);
  std::mutex mutex_;  ///< guards open_count_
  std::condition_variable changed_;
  std::size_t open_count_;
};

void append(std::vector<float>& all, const std::vector<float>& some) {
  all.insert(all.end(), some.begin(), some.end());
}

}  // namespace

void run_paced(std::unique_ptr<Recognizer> recognizer, const Recordings& recordings,
               const PacedOptions& options) {
  PacedLoad load(*recognizer, recordings, options);
  const double cpu_s = load.run();
  const std::size_t open_count = load.open_count();
  if (open_count > 0) recognizer.reset();  // no events from here on

  PacedSession::Latencies all;
  std::size_t failed_count = 0;
  for (const auto& session : load.sessions()) {
    append(all.frames_ms, session->latencies().frames_ms);
    append(all.partials_ms, session->latencies().partials_ms);
    append(all.words_ms, session->latencies().words_ms);
    failed_count += session->error().empty() ? 0 : 1;
  }
  std::vector<float> lags_ms;
  std::int64_t refused_frames = 0;
  double feeder_cpu_s = 0.0;
  for (const FeederReport& report : load.reports()) {
    append(lags_ms, report.lags_ms);
    refused_frames += report.refused_frames;
    feeder_cpu_s = std::max(feeder_cpu_s, report.cpu_s);
  }
  std::printf("paced, %zu sessions, %.0f s\n", options.session_count, options.duration_s);
  print_percentiles("  frame", all.frames_ms);
  print_percentiles("  partial", all.partials_ms);
  print_percentiles("  word", all.words_ms);
  print_percentiles("  lag", lags_ms);
  std::printf("  %zu feeders, the busiest for %.1f %% of the time; CPU %.2f cores in all\n",
              load.reports().size(), 100.0 * feeder_cpu_s / options.duration_s,
              cpu_s / options.duration_s);
  std::printf("  refused frames: %ld; failed sessions: %zu; not through %.0f s later: %zu\n",
              static_cast<long>(refused_frames), failed_count, kMostDraining_s, open_count);
}

}  // namespace harpy::bench

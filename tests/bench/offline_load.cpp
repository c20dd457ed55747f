#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "tests/bench/loads.hpp"
#include "tests/bench/measurement.hpp"

namespace harpy::bench {
namespace {

constexpr double kAudioOfSession_s = 120.0;
constexpr std::size_t kMostFeeders = 4;

/// A place for one session after the other.
struct Slot {
  std::shared_ptr<Session> session;
  Clock::time_point free_since;
};

/// Keeps sessions busy with a few threads, each session with one recording.
class OfflineLoad {
 public:
  OfflineLoad(Recognizer& recognizer, const Recordings& recordings, std::size_t session_count)
      : recognizer_(recognizer), recordings_(recordings), slots_(session_count) {}

  /// Recognises so many recordings; the counts are of this run.
  void run(std::size_t recording_count) {
    left_ = recording_count;
    open_ = slots_.size();
    for (Slot& slot : slots_) free_.push_back(&slot);
    for (Slot& slot : slots_) slot.free_since = Clock::now();
    std::vector<std::jthread> feeders;
    for (std::size_t i = 0; i < std::min(kMostFeeders, slots_.size()); ++i) {
      feeders.emplace_back([this] { feed(); });
    }
  }

  std::int64_t word_count = 0;
  std::int64_t failed_count = 0;
  double audio_samples = 0.0;
  double feeder_cpu_s = 0.0;
  double idle_s = 0.0;  ///< of all slots together, in which they waited for a feeder

 private:
  void feed() {
    const double begun_s = thread_cpu_s();
    std::unique_lock lock(mutex_);
    while (true) {
      changed_.wait(lock, [this] { return !free_.empty() || open_ == 0; });
      if (free_.empty()) break;
      Slot& slot = *free_.back();
      free_.pop_back();
      if (left_ == 0) {
        --open_;
        changed_.notify_all();
        continue;
      }
      const std::vector<float>& recording = recordings_[--left_ % recordings_.size()];
      audio_samples += static_cast<double>(recording.size());
      lock.unlock();
      const double waited_s = start(slot, recording);
      lock.lock();
      idle_s += waited_s;
    }
    feeder_cpu_s += thread_cpu_s() - begun_s;
  }

  /// Returns how long the slot has waited.
  double start(Slot& slot, const std::vector<float>& recording) {
    slot.session = recognizer_.open(
        {.sample_rate_hz = recognizer_.model().features()->sample_rate_hz(), .partials = false},
        [this, &slot](const SessionEvent& event) { accept(slot, event); });
    const std::shared_ptr<Session> session = slot.session;
    const Clock::time_point free_since = slot.free_since;
    session->push(recording);
    const double waited_s = seconds_since(free_since);
    session->finish();
    return waited_s;
  }

  void accept(Slot& slot, const SessionEvent& event) {
    const std::lock_guard lock(mutex_);
    if (event.kind == EventKind::kFinal)
      word_count += static_cast<std::int64_t>(event.words.size());
    if (event.kind == EventKind::kError) ++failed_count;
    if (event.kind != EventKind::kError && event.kind != EventKind::kEnd) return;
    slot.free_since = Clock::now();
    free_.push_back(&slot);
    changed_.notify_one();
  }

  Recognizer& recognizer_;
  const Recordings& recordings_;
  std::vector<Slot> slots_;
  std::mutex mutex_;  ///< guards what follows and the counts
  std::condition_variable changed_;
  std::vector<Slot*> free_;
  std::size_t left_ = 0;  ///< recordings to be begun
  std::size_t open_ = 0;  ///< slots that are used
};

}  // namespace

void run_offline(Recognizer& recognizer, const Recordings& recordings, std::size_t session_count) {
  const double rate_hz = recognizer.model().features()->sample_rate_hz();
  std::size_t samples = 0;
  for (const std::vector<float>& recording : recordings) samples += recording.size();
  const double mean_s =
      static_cast<double>(samples) / (rate_hz * static_cast<double>(recordings.size()));
  const auto count = static_cast<std::size_t>(
      std::max(1.0, static_cast<double>(session_count) * kAudioOfSession_s / mean_s));
  OfflineLoad(recognizer, recordings, session_count).run(session_count);  // warm-up

  OfflineLoad load(recognizer, recordings, session_count);
  const double cpu_begin_s = process_cpu_s();
  const Clock::time_point start = Clock::now();
  load.run(count);
  const double wall_s = seconds_since(start);
  const double cpu_s = process_cpu_s() - cpu_begin_s;
  const double audio_s = load.audio_samples / rate_hz;
  const double block_s = static_cast<double>(recognizer.model().acoustic_grid()->input_frames()) *
                         recognizer.model().features()->frame_shift_s();
  const double blocks = audio_s / block_s;
  const auto sessions = static_cast<double>(session_count);
  std::printf(
      "offline, %zu sessions: %.0f x real time; %zu recordings, %.0f s of audio in %.2f s\n",
      session_count, audio_s / wall_s, count, audio_s, wall_s);
  std::printf(
      "  %.3f ms a block of all sessions, %.2f us a block of one; CPU %.2f s, %.2f us a block\n",
      1e3 * wall_s * sessions / blocks, 1e6 * wall_s / blocks, cpu_s, 1e6 * cpu_s / blocks);
  std::printf("  feeders: CPU %.2f s; a session waited for one %.2f %% of the time\n",
              load.feeder_cpu_s, 100.0 * load.idle_s / (wall_s * sessions));
  std::printf("  words: %ld; failed sessions: %ld\n", static_cast<long>(load.word_count),
              static_cast<long>(load.failed_count));
}

}  // namespace harpy::bench

#pragma once

#include <mutex>
#include <optional>

namespace harpy {

/// What recognition has cost a recognizer.
struct RecognizerLoad {
  double audio_s = 0.0;  ///< recognised so far
  double cpu_s = 0.0;    ///< time of the workers' threads for it
  /// What a second of audio has cost lately; none before enough was recognised to tell.
  std::optional<double> cpu_s_per_audio_s;
  /// How many sessions that send audio in real time would keep all workers busy; none before enough
  /// was recognised, and on a GPU, because there each further session costs less than the one
  /// before.
  std::optional<double> real_time_streams;
};

/// Measures what recognition costs. Threads: any.
class LoadMeter {
 public:
  /// `has_steady_cost`: whether a session costs the same however many there are.
  LoadMeter(int worker_count, bool has_steady_cost)
      : worker_count_(worker_count), has_steady_cost_(has_steady_cost) {}

  void add(double audio_s, double cpu_s);
  RecognizerLoad load() const;

 private:
  const int worker_count_;
  const bool has_steady_cost_;
  mutable std::mutex mutex_;  ///< guards what follows
  double audio_s_ = 0.0;
  double cpu_s_ = 0.0;
  double recent_audio_s_ = 0.0;  ///< with a weight that halves again and again
  double recent_cpu_s_ = 0.0;
};

/// Seconds that the processor has worked for the calling thread.
double thread_cpu_s();

}  // namespace harpy

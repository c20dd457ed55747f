#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

namespace harpy {

/// How urgent a session's work is.
struct Urgency {
  /// When the oldest sample arrived that is not recognised yet.
  std::chrono::steady_clock::time_point waiting_since{};
  /// Whether the session is ahead of real time, so that nobody waits for its words as they are
  /// spoken.
  bool is_bulk = false;
};

/// Knows when the samples of a session arrived that are not recognised yet, and whether they arrive
/// faster than anybody speaks. The caller tells the time, which never goes back.
class SessionPace {
 public:
  using Clock = std::chrono::steady_clock;
  using Time = Clock::time_point;

  /// A session that has sent so much more than the time since its first sample is a recording. What
  /// is spoken cannot be ahead by more than what was kept while the connection was made.
  static constexpr std::chrono::seconds kMostAhead{1};

  explicit SessionPace(double sample_rate_hz) : sample_rate_hz_(sample_rate_hz) {}

  void arrived(std::size_t samples, Time now);
  /// The oldest samples have been taken to be recognised.
  void taken(std::size_t samples);

  /// A session without waiting samples waits for its end, since `now`.
  Urgency urgency(Time now) const;

 private:
  /// Samples that arrived at about the same time.
  struct Arrival {
    std::size_t samples = 0;
    Time time;
  };

  const double sample_rate_hz_;
  std::deque<Arrival> waiting_;  ///< oldest first
  std::optional<Time> first_;    ///< when the session's first samples arrived
  double arrived_s_ = 0.0;       ///< of all samples
  bool is_bulk_ = false;         ///< once it is, it stays so: it has all its audio at hand
};

}  // namespace harpy

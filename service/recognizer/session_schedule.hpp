#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <utility>

#include "service/recognizer/session_pace.hpp"

namespace harpy {

class SessionJob;

/// A session whose turn it is.
struct ScheduledSession {
  std::shared_ptr<SessionJob> job;  ///< null: there is none
  bool is_bulk = false;
  bool is_before_live = false;  ///< a bulk session whose turn it is although live ones wait
  bool is_beside_live = false;  ///< a bulk session, and there was a live one among the last turns
};

/// Decides which session is worked for next. Of those that keep to real time ("live") it is the one
/// whose oldest sample has waited longest. Those that are ahead of it ("bulk") get the time that is
/// left, in the same order, and at least a tenth of all. It has no lock and knows no clock.
class SessionSchedule {
 public:
  using Duration = std::chrono::steady_clock::duration;

  /// The part of the workers' time that bulk sessions get, whatever live ones need.
  static constexpr double kLeastBulkShare = 0.1;
  /// For so many turns after a live session's last turn, bulk sessions still get shorter turns;
  /// such turns last some tenths of a second together.
  static constexpr int kRecentTurns = 256;

  void put(std::shared_ptr<SessionJob> job, const Urgency& urgency);

  /// A session, which is no longer in the schedule.
  ScheduledSession take();

  /// So much time was spent on a session that was taken.
  void spent(const ScheduledSession& session, Duration time);

  bool empty() const { return live_.empty() && bulk_.empty(); }
  void clear();

 private:
  /// Sessions by the arrival of their oldest sample, then by the order of coming.
  using Place = std::pair<std::chrono::steady_clock::time_point, std::uint64_t>;
  using Sessions = std::map<Place, std::shared_ptr<SessionJob>>;

  Sessions live_;
  Sessions bulk_;
  std::uint64_t put_count_ = 0;
  int turns_since_live_ = kRecentTurns;
  /// Time that bulk sessions are owed because they waited while live ones were worked for.
  Duration owed_{};
};

}  // namespace harpy

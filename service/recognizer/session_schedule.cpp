#include "service/recognizer/session_schedule.hpp"

#include <algorithm>

namespace harpy {

void SessionSchedule::put(std::shared_ptr<SessionJob> job, const Urgency& urgency) {
  Sessions& sessions = urgency.is_bulk ? bulk_ : live_;
  sessions.emplace(Place{urgency.waiting_since, ++put_count_}, std::move(job));
}

ScheduledSession SessionSchedule::take() {
  const bool is_bulk = !bulk_.empty() && (live_.empty() || owed_ > Duration::zero());
  if (!is_bulk && live_.empty()) return {};
  Sessions& sessions = is_bulk ? bulk_ : live_;
  const auto first = sessions.extract(sessions.begin());
  turns_since_live_ = is_bulk ? std::min(turns_since_live_ + 1, kRecentTurns) : 0;
  return {.job = first.mapped(),
          .is_bulk = is_bulk,
          .is_before_live = is_bulk && !live_.empty(),
          .is_beside_live = is_bulk && turns_since_live_ < kRecentTurns};
}

void SessionSchedule::spent(const ScheduledSession& session, Duration time) {
  if (session.is_before_live) owed_ -= time;
  if (session.is_bulk || bulk_.empty()) return;
  constexpr double kOwedPerLive = kLeastBulkShare / (1.0 - kLeastBulkShare);
  owed_ += std::chrono::duration_cast<Duration>(kOwedPerLive * time);
}

void SessionSchedule::clear() {
  live_.clear();
  bulk_.clear();
}

}  // namespace harpy

#include "service/recognizer/session_schedule.hpp"

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
  return {.job = first.mapped(), .is_bulk = is_bulk, .is_before_live = is_bulk && !live_.empty()};
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

#include "service/recognizer/session_inbox.hpp"

#include <algorithm>
#include <utility>

namespace harpy {

SessionInbox::SessionInbox(double sample_rate_hz, std::size_t max_pending_samples,
                           std::function<void(const Urgency&)> on_ready)
    : max_pending_samples_(max_pending_samples),
      on_ready_(std::move(on_ready)),
      pace_(sample_rate_hz) {}

PushResult SessionInbox::push(std::span<const float> samples) {
  std::unique_lock lock(mutex_);
  if (is_finishing_ || is_cancelled_ || has_ended_ || samples.empty()) return PushResult::kAccepted;
  if (pending_count() > 0 && pending_count() + samples.size() > max_pending_samples_) {
    has_refused_ = true;
    return PushResult::kFull;
  }
  if (pending_begin_ > 0 && pending_.size() + samples.size() > pending_.capacity()) {
    pending_.erase(pending_.begin(),
                   pending_.begin() + static_cast<std::ptrdiff_t>(pending_begin_));
    pending_begin_ = 0;
  }
  pending_.insert(pending_.end(), samples.begin(), samples.end());
  last_asked_ = SessionPace::Clock::now();
  if (first_asked_ == SessionPace::Time()) first_asked_ = last_asked_;
  pace_.arrived(samples.size(), last_asked_);
  announce(lock);
  return PushResult::kAccepted;
}

void SessionInbox::finish() {
  std::unique_lock lock(mutex_);
  if (is_finishing_ || is_cancelled_ || has_ended_) return;
  is_finishing_ = true;
  last_asked_ = SessionPace::Clock::now();
  announce(lock);
}

void SessionInbox::cancel() {
  const std::lock_guard lock(mutex_);
  is_cancelled_ = true;
  forget_pending();
}

SessionInbox::Intake SessionInbox::take(std::size_t max_samples, std::vector<float>& samples) {
  const std::lock_guard lock(mutex_);
  const std::size_t count = std::min(max_samples, pending_count());
  if (count == pending_.size()) {
    samples = std::exchange(pending_, {});
  } else {
    const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(pending_begin_);
    samples.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
    pending_begin_ += count;
  }
  const Urgency urgency = pace_.urgency(last_asked_);
  pace_.taken(count);
  if (pending_count() == 0) forget_pending();
  const bool has_room_again = has_refused_ && 2 * pending_count() <= max_pending_samples_;
  if (has_room_again) has_refused_ = false;
  return {.is_last = is_finishing_ && pending_count() == 0,
          .is_cancelled = is_cancelled_,
          .has_room_again = has_room_again,
          .is_live = !urgency.is_bulk && pending_count() == 0,
          .waiting_since = urgency.waiting_since,
          .first_asked = first_asked_,
          .last_asked = last_asked_};
}

bool SessionInbox::end() {
  const std::lock_guard lock(mutex_);
  if (has_ended_) return false;
  has_ended_ = true;
  forget_pending();
  return !is_cancelled_;
}

std::optional<Urgency> SessionInbox::end_turn() {
  const std::lock_guard lock(mutex_);
  is_announced_ = !is_cancelled_ && !has_ended_ && (is_finishing_ || pending_count() > 0);
  if (!is_announced_) return std::nullopt;
  return pace_.urgency(SessionPace::Clock::now());
}

void SessionInbox::forget_pending() {
  pending_ = {};
  pending_begin_ = 0;
}

void SessionInbox::announce(std::unique_lock<std::mutex>& lock) {
  if (std::exchange(is_announced_, true)) return;
  const Urgency urgency = pace_.urgency(SessionPace::Clock::now());
  lock.unlock();
  on_ready_(urgency);
}

}  // namespace harpy

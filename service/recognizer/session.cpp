#include "service/recognizer/session.hpp"

#include <algorithm>

#include "service/recognizer/session_queue.hpp"

namespace harpy {

Session::Session(std::shared_ptr<const ModelPackage> model, std::shared_ptr<SessionQueue> queue,
                 const RecognizerOptions& limits, const SessionOptions& options,
                 EventHandler handler)
    : queue_(std::move(queue)),
      max_pending_samples_(static_cast<std::size_t>(limits.max_pending_s * options.sample_rate_hz)),
      wants_progress_(options.progress),
      handler_(std::move(handler)),
      stream_(std::move(model), options) {}

PushResult Session::push(std::span<const float> samples) {
  std::unique_lock lock(mutex_);
  if (finishing_ || cancelled_ || ended_ || samples.empty()) return PushResult::kAccepted;
  const std::size_t waiting = pending_.size() - pending_begin_;
  if (waiting > 0 && waiting + samples.size() > max_pending_samples_) {
    refused_ = true;
    return PushResult::kFull;
  }
  if (pending_begin_ > 0 && pending_.size() + samples.size() > pending_.capacity()) {
    pending_.erase(pending_.begin(),
                   pending_.begin() + static_cast<std::ptrdiff_t>(pending_begin_));
    pending_begin_ = 0;
  }
  pending_.insert(pending_.end(), samples.begin(), samples.end());
  schedule(lock);
  return PushResult::kAccepted;
}

void Session::finish() {
  std::unique_lock lock(mutex_);
  if (finishing_ || cancelled_ || ended_) return;
  finishing_ = true;
  schedule(lock);
}

void Session::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  pending_.clear();
  pending_begin_ = 0;
}

void Session::schedule(std::unique_lock<std::mutex>& lock) {
  if (scheduled_) return;
  scheduled_ = true;
  lock.unlock();
  queue_->put(shared_from_this());
}

Session::Turn Session::begin_turn(std::size_t max_samples, std::vector<float>& samples) {
  const std::lock_guard lock(mutex_);
  const std::size_t count = std::min(max_samples, pending_.size() - pending_begin_);
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(pending_begin_);
  samples.assign(begin, begin + static_cast<std::ptrdiff_t>(count));
  pending_begin_ += count;
  const bool drained = pending_begin_ == pending_.size();
  if (drained) {
    pending_.clear();
    pending_begin_ = 0;
  }
  Turn turn;
  turn.sample_count = count;
  turn.last = drained && finishing_;
  turn.cancelled = cancelled_;
  turn.make_room = refused_ && 2 * (pending_.size() - pending_begin_) <= max_pending_samples_;
  if (turn.make_room) refused_ = false;
  return turn;
}

void Session::begin_work(RecognizerWorker& worker, double turn_s, std::vector<float>& samples) {
  turn_ = begin_turn(static_cast<std::size_t>(turn_s * stream_.sample_rate_hz()), samples);
  if (turn_.cancelled) return;
  if (turn_.make_room) handler_({.kind = EventKind::kRoom, .words = {}, .error = {}});
  stream_.accept(worker, samples, turn_.last);
}

void Session::end_work(RecognizerWorker& worker) {
  if (turn_.cancelled) return;
  worked_samples_ += static_cast<std::int64_t>(turn_.sample_count);
  if (wants_progress_ && turn_.sample_count != 0) {
    handler_(
        {.kind = EventKind::kProgress, .words = {}, .sample_count = worked_samples_, .error = {}});
  }
  if (!turn_.last) return;
  stream_.end(worker, handler_);
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    if (cancelled_) return;
  }
  handler_({.kind = EventKind::kEnd, .words = {}, .error = {}});
}

bool Session::end_turn() {
  const std::lock_guard lock(mutex_);
  const bool more = !cancelled_ && !ended_ && (finishing_ || pending_begin_ < pending_.size());
  scheduled_ = more;
  return more;
}

void Session::fail(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_ || ended_) return;
    ended_ = true;
    pending_.clear();
    pending_begin_ = 0;
  }
  handler_({.kind = EventKind::kError, .words = {}, .error = reason});
}

}  // namespace harpy

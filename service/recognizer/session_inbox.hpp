#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "service/recognizer/session.hpp"
#include "service/recognizer/session_pace.hpp"

namespace harpy {

/// What lies between a session's user and the workers: samples that wait to be recognised, and what
/// the user has asked for. The user's calls are those of Session; the others are a worker's.
///
/// Threads: any, at the same time.
class SessionInbox : public Session {
 public:
  /// `on_ready` is called when work arrives and the session is neither queued nor being worked on;
  /// it is not called again before end_turn has returned nothing. It is called on the user's
  /// thread, without a lock.
  SessionInbox(double sample_rate_hz, std::size_t max_pending_samples,
               std::function<void(const Urgency&)> on_ready);

  PushResult push(std::span<const float> samples) override;
  void finish() override;
  void cancel() override;

  /// What a worker finds at the beginning of a turn.
  struct Intake {
    bool is_last = false;  ///< the samples are the session's last ones
    bool is_cancelled = false;
    bool has_room_again = false;  ///< a push was refused, and there is room now
    /// Whether the samples are all that were there, of a session that is not ahead of real time.
    bool is_live = false;
    SessionPace::Time waiting_since;  ///< when the oldest sample arrived
    SessionPace::Time first_asked;    ///< when the session's first samples arrived
    SessionPace::Time last_asked;     ///< when its last ones did, or its end was asked for
  };
  /// Moves up to `max_samples` pending samples into `samples`, whose former content is lost.
  Intake take(std::size_t max_samples, std::vector<float>& samples);

  /// Says that the session's last event is to be sent: from now on nothing is taken. Returns
  /// whether there is anybody to send it to: false if the session has been cancelled or has ended
  /// before.
  bool end();

  /// Says that a worker's turn is over. Returns how urgent it is if there is more to do, so that
  /// the session must be queued again.
  std::optional<Urgency> end_turn();

 private:
  std::size_t pending_count() const { return pending_.size() - pending_begin_; }
  void forget_pending();
  /// Unlocks, and tells of the work unless a worker knows of it.
  void announce(std::unique_lock<std::mutex>& lock);

  const std::size_t max_pending_samples_;
  const std::function<void(const Urgency&)> on_ready_;

  std::mutex mutex_;  ///< guards what follows
  SessionPace pace_;
  std::vector<float> pending_;
  SessionPace::Time first_asked_;
  SessionPace::Time last_asked_;
  std::size_t pending_begin_ = 0;  ///< samples of pending_ that are already taken
  bool is_announced_ = false;      ///< the session is queued, or a worker is busy with it
  bool has_refused_ = false;
  bool is_finishing_ = false;
  bool is_cancelled_ = false;
  bool has_ended_ = false;
};

}  // namespace harpy

#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "service/recognizer/decode_stream.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/recognizer_worker.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

class SessionQueue;

enum class PushResult { kAccepted, kFull };

/// One user's stream of audio through a Recognizer: push samples, finish, receive events.
///
/// The words do not depend on how the audio is cut into pushes. Threads: push, finish and cancel
/// may be called from any thread, also from the event handler; none of them blocks on recognition.
class Session : public std::enable_shared_from_this<Session> {
 public:
  /// Made by Recognizer::open.
  Session(std::shared_ptr<const ModelPackage> model, std::shared_ptr<SessionQueue> queue,
          const RecognizerOptions& limits, const SessionOptions& options, EventHandler handler);

  /// Takes all samples (in [-1, 1]) or, where too much waits already, none; a kRoom event then
  /// tells when to try again. After finish, cancel or an error samples are taken and forgotten.
  PushResult push(std::span<const float> samples);

  /// No more samples follow: what is pending is recognised, then the last kFinal and kEnd are sent.
  void finish();

  /// Forgets what is pending; no event follows.
  void cancel();

 private:
  friend class Recognizer;
  friend class SessionBatch;

  struct Turn {
    std::size_t sample_count = 0;
    bool last = false;  ///< the stream is to be finished after the samples
    bool cancelled = false;
    bool make_room = false;  ///< a push was refused and there is room now
  };

  /// Moves up to `max_samples` pending samples into `samples`.
  Turn begin_turn(std::size_t max_samples, std::vector<float>& samples);
  // A turn, called by one worker at a time: one turn's samples are taken, go block by block through
  // network and search, then the events of its end follow.
  void begin_work(RecognizerWorker& worker, double turn_s, std::vector<float>& samples);
  bool has_block() const { return !turn_.cancelled && stream_.has_block(); }
  void settle_block(RecognizerWorker& worker) { stream_.settle_block(worker, handler_); }
  void end_work(RecognizerWorker& worker);
  /// Whether the session must be queued again.
  bool end_turn();
  void fail(const std::string& reason);
  void schedule(std::unique_lock<std::mutex>& lock);

  const std::shared_ptr<SessionQueue> queue_;
  const std::size_t max_pending_samples_;
  const bool wants_progress_;
  const EventHandler handler_;
  DecodeStream stream_;
  // Touched by the worker whose turn it is.
  std::int64_t worked_samples_ = 0;
  Turn turn_;

  std::mutex mutex_;  ///< guards what follows
  std::vector<float> pending_;
  std::size_t pending_begin_ = 0;  ///< samples of pending_ already taken
  bool scheduled_ = false;         ///< queued or being worked on
  bool refused_ = false;
  bool finishing_ = false;
  bool cancelled_ = false;
  bool ended_ = false;
};

}  // namespace harpy

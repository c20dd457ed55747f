#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "service/recognizer/load_meter.hpp"
#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session.hpp"
#include "service/recognizer/session_event.hpp"
#include "service/recognizer/session_queue.hpp"
#include "service/recognizer/steering.hpp"
#include "service/recognizer/worker_turn.hpp"

namespace harpy {

/// Owns the workers that recognise the sessions of one model.
///
/// Each worker has a backend and a search of its own. Its thread, of which it has two on a GPU,
/// waits for sessions that have work to do, takes some of them, works for them (worker_turn.hpp)
/// and calls their handlers, which on a GPU further threads do too. When a device is lost, the
/// sessions that its worker has worked for end with an error, and the CPU takes over the others and
/// all new ones. Threads: open may be called from any thread. The recognizer must outlive the
/// sessions' use; destroying it ends them without further events.
class Recognizer {
 public:
  /// Errors: std::invalid_argument for impossible options; std::runtime_error if the device is not
  /// usable.
  Recognizer(std::shared_ptr<const ModelPackage> model, const RecognizerOptions& options);
  ~Recognizer();
  Recognizer(const Recognizer&) = delete;
  Recognizer& operator=(const Recognizer&) = delete;

  const ModelPackage& model() const { return *model_; }

  /// Errors: std::invalid_argument for an impossible sample rate, number of alternatives or
  /// steering.
  std::shared_ptr<Session> open(const SessionOptions& options, EventHandler handler);

  /// What recognition has cost. Threads: any.
  RecognizerLoad load() const { return meter_.load(); }

  /// What recognition has been like. Threads: any.
  const RecognitionMetrics& metrics() const { return *options_.metrics; }

  /// Makes steering ready for the sessions that will ask for the same, which computes; without it
  /// the first of them does so. Errors: std::invalid_argument naming the field that is wrong.
  void prepare(const SteeringRequest& request) { steering_->make(request); }

 private:
  /// What a worker's thread does, until the queue is closed or the worker's device is lost.
  void run(std::unique_ptr<WorkerTurns> turns, std::size_t sessions_at_once);
  /// Works for the sessions of the queue. Returns why the device is lost; an empty text means that
  /// the queue was closed, or that another thread of the worker has found the device lost.
  std::string serve(WorkerTurns& turns, std::size_t sessions_at_once);
  /// Says that a turn is over for a session, and queues it if there is more to do.
  void give_back(SessionJob& job);
  /// Puts workers of the CPU in place of those of the lost device, once.
  void take_over(const std::string& reason);
  /// Ends every session that comes until the queue is closed.
  void refuse_all(const std::string& reason);
  /// Makes the workers of checked options and starts their threads.
  void start(const std::shared_ptr<const ModelPackage>& model, const RecognizerOptions& options);

  std::shared_ptr<const ModelPackage> model_;
  RecognizerOptions options_;
  std::shared_ptr<SessionQueue> queue_;
  std::shared_ptr<SteeringMaker> steering_;
  LoadMeter meter_;
  std::mutex mutex_;  ///< guards what follows
  bool is_closing_ = false;
  bool has_taken_over_ = false;
  std::vector<std::jthread> threads_;
};

}  // namespace harpy

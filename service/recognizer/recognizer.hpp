#pragma once

#include <memory>
#include <span>
#include <thread>
#include <vector>

#include "service/recognizer/model_package.hpp"
#include "service/recognizer/recognizer_options.hpp"
#include "service/recognizer/session.hpp"

namespace harpy {

/// Owns the workers that recognise the sessions of one model.
///
/// Each worker has a backend, a search and a thread; it waits for ready sessions, computes without
/// holding a lock and posts the events. The blocks of the sessions that it has taken are searched
/// together. Threads: open may be called from any thread. The recognizer
/// must outlive the sessions' use; destroying it ends them without further events.
class Recognizer {
 public:
  /// Errors: std::invalid_argument for impossible options; std::runtime_error if the device is not
  /// usable.
  Recognizer(std::shared_ptr<const ModelPackage> model, const RecognizerOptions& options);
  ~Recognizer();
  Recognizer(const Recognizer&) = delete;
  Recognizer& operator=(const Recognizer&) = delete;

  const ModelPackage& model() const { return *model_; }

  /// Errors: std::invalid_argument for an impossible sample rate.
  std::shared_ptr<Session> open(const SessionOptions& options, EventHandler handler);

 private:
  void run_worker(RecognizerWorker& worker);
  /// Gives each session a turn; what fails ends its session.
  void work(RecognizerWorker& worker, std::span<const std::shared_ptr<Session>> sessions,
            std::vector<float>& samples);
  std::vector<Session*> advance(RecognizerWorker& worker, const std::vector<Session*>& sessions);
  template <typename Action>
  static bool succeeds(Session& session, const Action& action);

  std::shared_ptr<const ModelPackage> model_;
  RecognizerOptions options_;
  std::shared_ptr<SessionQueue> queue_;
  std::vector<std::unique_ptr<RecognizerWorker>> workers_;
  std::vector<std::jthread> threads_;
};

}  // namespace harpy

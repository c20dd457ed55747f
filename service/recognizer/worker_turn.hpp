#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "frontend/device_feature_batch.hpp"
#include "service/recognizer/recognizer_worker.hpp"
#include "service/recognizer/session_job.hpp"

namespace harpy {

/// Works for sessions together, turn after turn, on a worker. Several objects may share a worker,
/// each used by a thread of its own: they take turns at its device, block by block. Threads: one at
/// a time.
class WorkerTurns {
 public:
  /// Errors: DeviceError.
  explicit WorkerTurns(std::shared_ptr<RecognizerWorker> worker);

  RecognizerWorker& worker() { return *worker_; }

  /// Takes up to `turn_s` seconds of samples of each session, brings them block by block through
  /// features, network and search, and sends the events. A session for which something fails ends
  /// with an error; the others go on.
  /// Errors: DeviceError if the device is lost; all the sessions have ended then. What a handler
  /// throws while a session fails ends the turn too, but no worker.
  void work(std::span<const std::shared_ptr<SessionJob>> jobs, double turn_s);

 private:
  using Jobs = std::vector<SessionJob*>;

  void work_for(const Jobs& jobs, double turn_s);
  /// Finds the jobs whose next block is there, and takes the samples of these.
  void find_ready(const Jobs& jobs);
  /// Sends a block of each ready job through features, network and search.
  void run_device();
  std::span<const TensorView> run_network();
  void run_search(std::span<const TensorView> log_likelihoods);
  /// Counts the memory of a GPU that is in use, at most once a second.
  void look_at_memory();
  /// Ends jobs with an error.
  void fail(std::span<SessionJob* const> jobs, const std::exception& error);
  /// Does something for a job that is not over; if it fails, the job does. Errors: only those of a
  /// lost device.
  template <typename Action>
  void attempt(SessionJob& job, const Action& action);
  /// The same for each job, with all threads.
  template <typename Action>
  void attempt_each(const Jobs& jobs, const Action& action);

  std::shared_ptr<RecognizerWorker> worker_;
  std::optional<DeviceFeatureBatch> features_;  ///< none: each session's are computed on the host
  Jobs ready_;
  std::vector<AcousticStream*> streams_;
  std::vector<SearchInput> inputs_;
};

}  // namespace harpy

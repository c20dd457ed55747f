#include "service/recognizer/worker_turn.hpp"

#include <exception>
#include <string>
#include <vector>

#include "acoustic/backend/device_error.hpp"

namespace harpy {

namespace {

using Jobs = std::vector<SessionJob*>;

void fail_all(const Jobs& jobs, const std::exception& error) {
  for (SessionJob* const job : jobs) job->fail(error.what());
}

/// Does something for jobs; if it fails, they fail. Errors: only those of a lost device.
template <typename Action>
void attempt(const Jobs& jobs, const Action& action) {
  try {
    action();
  } catch (const std::exception& error) {
    fail_all(jobs, error);
    if (is_device_lost(error)) throw;
  }
}

/// Does something for each job that is not over.
template <typename Action>
void attempt_each(const Jobs& jobs, const Action& action) {
  for (SessionJob* const job : jobs) {
    if (!job->is_over()) attempt({job}, [&] { action(*job); });
  }
}

Jobs with_block(const Jobs& jobs) {
  Jobs ready;
  for (SessionJob* const job : jobs) {
    if (job->has_block()) ready.push_back(job);
  }
  return ready;
}

/// Sends a block of each job through features and network; returns the log-likelihoods of each.
std::span<const TensorView> run_network(RecognizerWorker& worker, const Jobs& jobs) {
  std::vector<AcousticStream*> streams;
  for (SessionJob* const job : jobs) streams.push_back(&job->acoustic());
  if (!worker.features) return worker.network.advance(streams);
  std::vector<DeviceFeatureStream*> sources;
  for (SessionJob* const job : jobs) sources.push_back(&job->device_features());
  return worker.network.advance(
      streams, [&](std::size_t begin, std::size_t count, TensorView features) {
        worker.features->compute(std::span(sources).subspan(begin, count), features);
      });
}

void run_search(RecognizerWorker& worker, const Jobs& jobs,
                std::span<const TensorView> log_likelihoods) {
  std::vector<SearchInput> batch;
  for (std::size_t i = 0; i < jobs.size(); ++i) {
    const SearchInput input = jobs[i]->search_input(worker, log_likelihoods[i]);
    if (input.log_likelihoods.rows() > 0) batch.push_back(input);
  }
  if (!batch.empty()) worker.search->advance(batch);
}

void work(RecognizerWorker& worker, const Jobs& jobs, double turn_s) {
  attempt_each(jobs, [&](SessionJob& job) { job.take(worker, turn_s); });
  for (Jobs ready = with_block(jobs); !ready.empty(); ready = with_block(jobs)) {
    attempt(ready, [&] { run_search(worker, ready, run_network(worker, ready)); });
    attempt_each(ready, [&](SessionJob& job) { job.settle(worker); });
  }
  attempt_each(jobs, [&](SessionJob& job) { job.end_turn(worker); });
}

}  // namespace

void work_turn(RecognizerWorker& worker, std::span<const std::shared_ptr<SessionJob>> jobs,
               double turn_s) {
  Jobs all;
  for (const std::shared_ptr<SessionJob>& job : jobs) all.push_back(job.get());
  try {
    work(worker, all, turn_s);
  } catch (const std::exception& error) {
    fail_all(all, error);
    throw;
  }
}

}  // namespace harpy

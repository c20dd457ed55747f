#include "service/recognizer/worker_turn.hpp"

#include <cstddef>
#include <exception>
#include <mutex>
#include <utility>

#include "acoustic/backend/device_error.hpp"
#include "acoustic/backend/device_memory_use.hpp"
#include "service/recognizer/load_meter.hpp"

namespace harpy {

WorkerTurns::WorkerTurns(std::shared_ptr<RecognizerWorker> worker) : worker_(std::move(worker)) {
  if (!worker_->has_device_features) return;
  const std::lock_guard lock(worker_->device);
  features_.emplace(*worker_->backend, worker_->model->features()->options());
}

void WorkerTurns::work(std::span<const std::shared_ptr<SessionJob>> jobs, double turn_s) {
  Jobs all;
  for (const std::shared_ptr<SessionJob>& job : jobs) all.push_back(job.get());
  try {
    work_for(all, turn_s);
  } catch (const std::exception& error) {
    fail(all, error);
    throw;
  }
}

void WorkerTurns::work_for(const Jobs& jobs, double turn_s) {
  attempt_each(jobs, [&](SessionJob& job) { job.take(*worker_, turn_s); });
  for (find_ready(jobs); !ready_.empty(); find_ready(jobs)) {
    try {
      run_device();
    } catch (const std::exception& error) {
      fail(ready_, error);
      if (is_device_lost(error)) throw;
    }
    attempt_each(ready_, [&](SessionJob& job) { job.settle(*worker_); });
  }
  attempt_each(jobs, [&](SessionJob& job) { job.end_turn(*worker_); });
}

void WorkerTurns::find_ready(const Jobs& jobs) {
  if (!features_) attempt_each(jobs, [](SessionJob& job) { job.give_features(); });
  ready_.clear();
  for (SessionJob* const job : jobs) {
    if (job->has_block()) ready_.push_back(job);
  }
  if (!features_) return;
  features_->begin(ready_.size(), worker_->model->acoustic_grid()->input_frames());
  worker_->host_threads.for_each(ready_.size(), [&](std::size_t place) {
    features_->take(place, ready_[place]->device_features());
  });
}

void WorkerTurns::run_device() {
  const std::lock_guard lock(worker_->device);
  try {
    const double begin_s = thread_cpu_s();
    const std::span<const TensorView> log_likelihoods = run_network();
    const double middle_s = thread_cpu_s();
    run_search(log_likelihoods);
    worker_->metrics->network_cpu_s += middle_s - begin_s;
    worker_->metrics->search_cpu_s += thread_cpu_s() - middle_s;
    look_at_memory();
  } catch (...) {
    // Nothing may be under way when the next batch begins; the first error tells the most.
    try {
      worker_->backend->synchronize();
    } catch (const std::exception&) {
    }
    throw;
  }
}

/// Returns the log-likelihoods of each ready job.
std::span<const TensorView> WorkerTurns::run_network() {
  streams_.clear();
  for (SessionJob* const job : ready_) streams_.push_back(&job->acoustic());
  if (!features_) return worker_->network.advance(streams_);
  return worker_->network.advance(streams_,
                                  [&](std::size_t begin, std::size_t count, TensorView features) {
                                    features_->compute(begin, count, features);
                                  });
}

/// When it returns, all that the device was given is done.
void WorkerTurns::run_search(std::span<const TensorView> log_likelihoods) {
  inputs_.clear();
  for (std::size_t i = 0; i < ready_.size(); ++i) {
    const SearchInput input = ready_[i]->search_input(*worker_, log_likelihoods[i]);
    if (input.log_likelihoods.rows() > 0) inputs_.push_back(input);
  }
  if (inputs_.empty()) return worker_->backend->synchronize();
  worker_->search->advance(inputs_);
  const std::int32_t most = worker_->model->search_options().max_active;
  for (const SearchInput& input : inputs_) {
    const std::int32_t count = input.stream->active_count();
    worker_->metrics->active_tokens.add(count);
    if (count == most) ++worker_->metrics->reduced_beams;
  }
}

void WorkerTurns::look_at_memory() {
  constexpr std::chrono::seconds kPause{1};
  const Device device = worker_->backend->device();
  const auto now = std::chrono::steady_clock::now();
  if (device.kind == DeviceKind::kCpu || now - worker_->looked_at_memory < kPause) return;
  worker_->looked_at_memory = now;
  worker_->metrics->device_memory_bytes = used_memory_bytes(device).value_or(0);
}

/// Whoever learns of a lost device by the events finds that nobody goes on with it.
void WorkerTurns::fail(std::span<SessionJob* const> jobs, const std::exception& error) {
  if (is_device_lost(error)) worker_->is_lost = true;
  for (SessionJob* const job : jobs) job->fail(error.what());
}

template <typename Action>
void WorkerTurns::attempt(SessionJob& job, const Action& action) {
  if (job.is_over()) return;
  try {
    action(job);
  } catch (const std::exception& error) {
    SessionJob* const failed = &job;
    fail({&failed, 1}, error);
    if (is_device_lost(error)) throw;
  }
}

template <typename Action>
void WorkerTurns::attempt_each(const Jobs& jobs, const Action& action) {
  worker_->host_threads.for_each(jobs.size(),
                                 [&](std::size_t index) { attempt(*jobs[index], action); });
}

}  // namespace harpy

#include "service/recognizer/recognizer.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

#include "acoustic/backend/device_error.hpp"
#include "service/recognizer/session_job.hpp"
#include "service/recognizer/session_queue.hpp"
#include "service/recognizer/worker_turn.hpp"

namespace harpy {

namespace {

/// Seconds of audio that a worker of the CPU takes from a bulk session while there are live ones,
/// which cannot be worked for meanwhile: a block of the grid.
constexpr double kTurnBesideLive_s = 0.12;

/// One for the sessions that the device works for, and one for those that the host works for.
constexpr int kThreadsOfGpu = 2;

RecognizerOptions checked(RecognizerOptions options) {
  const auto refuse = [](const std::string& expected, int got) {
    throw std::invalid_argument("Recognizer: expected " + expected + ", got " +
                                std::to_string(got));
  };
  const bool is_on_cpu = options.device.kind == DeviceKind::kCpu;
  if (options.worker_count < 1) refuse("at least one worker", options.worker_count);
  if (options.fallback_worker_count < 0) {
    refuse("no negative fallback_worker_count", options.fallback_worker_count);
  }
  if (options.sessions_at_once < 0) {
    refuse("no negative sessions_at_once", options.sessions_at_once);
  }
  if (options.sessions_at_once == 0) options.sessions_at_once = is_on_cpu ? 1 : kSessionsOnGpu;
  if (!(options.max_pending_s > 0.0) || !(options.turn_s > 0.0)) {
    throw std::invalid_argument("Recognizer: max_pending_s and turn_s must be positive");
  }
  if (!options.metrics) options.metrics = std::make_shared<RecognitionMetrics>();
  return options;
}

}  // namespace

Recognizer::Recognizer(std::shared_ptr<const ModelPackage> model, const RecognizerOptions& options)
    : model_(std::move(model)),
      options_(checked(options)),
      queue_(std::make_shared<SessionQueue>()),
      steering_(std::make_shared<SteeringMaker>(model_->decoding()->package)),
      meter_(options_.worker_count, options_.device.kind == DeviceKind::kCpu) {
  start(model_, options_);
}

Recognizer::~Recognizer() {
  queue_->close();
  std::vector<std::jthread> threads;
  {
    const std::lock_guard lock(mutex_);
    is_closing_ = true;
    threads = std::move(threads_);
  }
}

std::shared_ptr<Session> Recognizer::open(const SessionOptions& options, EventHandler handler) {
  if (options.max_alternatives < 0) {
    throw std::invalid_argument("Recognizer::open: expected max_alternatives of at least 0, got " +
                                std::to_string(options.max_alternatives));
  }
  const auto job = std::make_shared<SessionJob>(
      model_, SessionSurroundings{.queue = queue_, .steering = steering_}, options_, options,
      std::move(handler));
  return {job, &job->inbox()};
}

void Recognizer::start(const std::shared_ptr<const ModelPackage>& model,
                       const RecognizerOptions& options) {
  const bool is_on_cpu = options.device.kind == DeviceKind::kCpu;
  const int worker_count = is_on_cpu ? options.worker_count : 1;
  const int thread_count = is_on_cpu || options.sessions_at_once == 1 ? 1 : kThreadsOfGpu;
  std::vector<std::unique_ptr<WorkerTurns>> all_turns;
  for (int index = 0; index < worker_count; ++index) {
    const auto worker = std::make_shared<RecognizerWorker>(model, options);
    for (int thread = 0; thread < thread_count; ++thread) {
      all_turns.push_back(std::make_unique<WorkerTurns>(worker));
    }
  }
  const auto sessions_at_once =
      static_cast<std::size_t>((options.sessions_at_once + thread_count - 1) / thread_count);
  const std::lock_guard lock(mutex_);
  if (is_closing_) return;
  for (std::unique_ptr<WorkerTurns>& turns : all_turns) {
    threads_.emplace_back([this, sessions_at_once, own = std::move(turns)]() mutable {
      run(std::move(own), sessions_at_once);
    });
  }
}

void Recognizer::run(std::unique_ptr<WorkerTurns> turns, std::size_t sessions_at_once) {
  const std::string reason = serve(*turns, sessions_at_once);
  if (reason.empty()) return;
  turns.reset();
  take_over(reason);
}

std::string Recognizer::serve(WorkerTurns& turns, std::size_t sessions_at_once) {
  RecognizerWorker& worker = turns.worker();
  for (ScheduledSession first = queue_->take(); first.job; first = queue_->take()) {
    if (worker.is_lost) {
      give_back(*first.job);
      return {};
    }
    std::vector<std::shared_ptr<SessionJob>> jobs{first.job};
    while (jobs.size() < sessions_at_once) {
      ScheduledSession next = queue_->try_take();
      if (!next.job) break;
      jobs.push_back(std::move(next.job));
    }
    const auto began = std::chrono::steady_clock::now();
    const double cpu_before_s = thread_cpu_s();
    std::string reason;
    try {
      const bool is_short = first.is_beside_live && sessions_at_once == 1;
      turns.work(jobs, is_short ? std::min(options_.turn_s, kTurnBesideLive_s) : options_.turn_s);
    } catch (const std::exception& error) {
      if (is_device_lost(error)) reason = error.what();
    }
    double audio_s = 0.0;
    for (const std::shared_ptr<SessionJob>& taken : jobs) {
      audio_s += taken->turn_audio_s();
      give_back(*taken);
    }
    const auto turn_time = std::chrono::steady_clock::now() - began;
    queue_->spent(first, turn_time);
    options_.metrics->batch_size.add(static_cast<double>(jobs.size()));
    if (audio_s > 0.0) {
      options_.metrics->real_time_factor.add(std::chrono::duration<double>(turn_time).count() /
                                             audio_s);
    }
    const double cpu_s = thread_cpu_s() - cpu_before_s + worker.host_threads.take_helpers_cpu_s();
    meter_.add(audio_s, cpu_s);
    options_.metrics->audio_s += audio_s;
    options_.metrics->cpu_s += cpu_s;
    if (!reason.empty()) return reason;
  }
  return {};
}

void Recognizer::give_back(SessionJob& job) {
  if (const auto urgency = job.inbox().end_turn()) queue_->put(job.shared_from_this(), *urgency);
}

void Recognizer::take_over(const std::string& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(has_taken_over_, true)) return;
  }
  RecognizerOptions options = options_;
  options.device = {};
  options.precision = Precision::kFloat32;
  options.device_features.reset();
  options.sessions_at_once = 0;
  options.worker_count = options_.fallback_worker_count;
  if (options.worker_count == 0) {
    options.worker_count = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  }
  ++options_.metrics->device_losses;
  if (options_.on_device_lost) options_.on_device_lost(reason);
  try {
    const auto backend = create_backend({});
    start(model_->load_for(*backend), checked(options));
  } catch (const std::exception& error) {
    refuse_all("the device is lost and the CPU cannot take over: " + std::string(error.what()));
  }
}

void Recognizer::refuse_all(const std::string& reason) {
  for (ScheduledSession next = queue_->take(); next.job; next = queue_->take()) {
    next.job->fail(reason);
    next.job->inbox().end_turn();
  }
}

}  // namespace harpy

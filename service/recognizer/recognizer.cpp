#include "service/recognizer/recognizer.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>
#include <string>

#include "service/recognizer/session_queue.hpp"

namespace harpy {

namespace {

constexpr int kSessionsOnGpu = 512;

}  // namespace

/// Whether it throws nothing; otherwise the session has ended with an error.
template <typename Action>
bool Recognizer::succeeds(Session& session, const Action& action) {
  try {
    action();
    return true;
  } catch (const std::exception& error) {
    session.fail(error.what());
    return false;
  }
}

/// A block of each session goes through network and search. Returns the sessions that failed.
std::vector<Session*> Recognizer::advance(RecognizerWorker& worker,
                                          const std::vector<Session*>& sessions) {
  std::vector<Session*> ended;
  try {
    std::vector<AcousticStream*> streams;
    for (Session* const session : sessions) streams.push_back(&session->stream_.acoustic());
    const std::span<const TensorView> outputs = worker.network.advance(streams);
    std::vector<SearchInput> batch;
    for (std::size_t i = 0; i < sessions.size(); ++i) {
      const SearchInput input = sessions[i]->stream_.begin_block(worker, outputs[i]);
      if (input.log_likelihoods.rows() > 0) batch.push_back(input);
    }
    if (!batch.empty()) worker.search->advance(batch);
  } catch (const std::exception& error) {
    for (Session* const session : sessions) session->fail(error.what());
    return sessions;
  }
  for (Session* const session : sessions) {
    if (!succeeds(*session, [&] { session->settle_block(worker); })) ended.push_back(session);
  }
  return ended;
}

Recognizer::Recognizer(std::shared_ptr<const ModelPackage> model, const RecognizerOptions& options)
    : model_(std::move(model)), options_(options), queue_(std::make_shared<SessionQueue>()) {
  if (options_.worker_count < 1) {
    throw std::invalid_argument("Recognizer: expected at least one worker, got " +
                                std::to_string(options_.worker_count));
  }
  if (options_.device.kind != DeviceKind::kCpu && options_.worker_count != 1) {
    throw std::invalid_argument("Recognizer: expected one worker for a GPU, got " +
                                std::to_string(options_.worker_count));
  }
  if (options_.sessions_at_once < 0) {
    throw std::invalid_argument("Recognizer: expected no negative sessions_at_once, got " +
                                std::to_string(options_.sessions_at_once));
  }
  if (options_.sessions_at_once == 0) {
    options_.sessions_at_once = options_.device.kind == DeviceKind::kCpu ? 1 : kSessionsOnGpu;
  }
  if (!(options_.max_pending_s > 0.0) || !(options_.turn_s > 0.0)) {
    throw std::invalid_argument("Recognizer: max_pending_s and turn_s must be positive");
  }
  for (int index = 0; index < options_.worker_count; ++index) {
    workers_.push_back(std::make_unique<RecognizerWorker>(*model_, options_));
  }
  for (auto& worker : workers_) {
    threads_.emplace_back([this, &worker = *worker] { run_worker(worker); });
  }
}

Recognizer::~Recognizer() { queue_->close(); }

std::shared_ptr<Session> Recognizer::open(const SessionOptions& options, EventHandler handler) {
  return std::make_shared<Session>(model_, queue_, options_, options, std::move(handler));
}

void Recognizer::run_worker(RecognizerWorker& worker) {
  std::vector<float> samples;
  while (std::shared_ptr<Session> session = queue_->take()) {
    std::vector<std::shared_ptr<Session>> sessions;
    const auto most = static_cast<std::size_t>(options_.sessions_at_once);
    for (; session != nullptr; session = queue_->try_take()) {
      sessions.push_back(std::move(session));
      if (sessions.size() == most) break;
    }
    work(worker, sessions, samples);
    for (const std::shared_ptr<Session>& taken : sessions) {
      if (taken->end_turn()) queue_->put(taken);
    }
  }
}

void Recognizer::work(RecognizerWorker& worker, std::span<const std::shared_ptr<Session>> sessions,
                      std::vector<float>& samples) {
  std::vector<Session*> working;
  for (const std::shared_ptr<Session>& session : sessions) {
    const double turn_samples = options_.turn_s * session->stream_.sample_rate_hz();
    const bool is_working = succeeds(*session, [&] {
      session->begin_work(worker, static_cast<std::size_t>(turn_samples), samples);
    });
    if (is_working) working.push_back(session.get());
  }
  for (;;) {
    std::vector<Session*> advancing;
    std::copy_if(working.begin(), working.end(), std::back_inserter(advancing),
                 [](const Session* session) { return session->has_block(); });
    if (advancing.empty()) break;
    const std::vector<Session*> ended = advance(worker, advancing);
    std::erase_if(working, [&](Session* session) {
      return std::find(ended.begin(), ended.end(), session) != ended.end();
    });
  }
  for (Session* const session : working) {
    succeeds(*session, [&] { session->end_work(worker); });
  }
}

}  // namespace harpy

#include "service/recognizer/recognizer.hpp"

#include <stdexcept>
#include <string>

#include "service/recognizer/session_queue.hpp"

namespace harpy {

Recognizer::Recognizer(std::shared_ptr<const ModelPackage> model, const RecognizerOptions& options)
    : model_(std::move(model)), options_(options), queue_(std::make_shared<SessionQueue>()) {
  if (options_.worker_count < 1) {
    throw std::invalid_argument("Recognizer: expected at least one worker, got " +
                                std::to_string(options_.worker_count));
  }
  if (!(options_.max_pending_s > 0.0) || !(options_.turn_s > 0.0)) {
    throw std::invalid_argument("Recognizer: max_pending_s and turn_s must be positive");
  }
  for (int index = 0; index < options_.worker_count; ++index) {
    workers_.push_back(std::make_unique<RecognizerWorker>(*model_, options_.device));
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
  while (const std::shared_ptr<Session> session = queue_->take()) {
    const double turn_samples = options_.turn_s * session->stream_.sample_rate_hz();
    try {
      session->work(worker, static_cast<std::size_t>(turn_samples), samples);
    } catch (const std::exception& error) {
      session->fail(error.what());
    }
    if (session->end_turn()) queue_->put(session);
  }
}

}  // namespace harpy

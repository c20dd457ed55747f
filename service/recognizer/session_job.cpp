#include "service/recognizer/session_job.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

namespace harpy {

namespace {

std::size_t max_pending_samples(const RecognizerOptions& limits, double sample_rate_hz) {
  return std::min(static_cast<std::size_t>(limits.max_pending_s * sample_rate_hz),
                  limits.max_pending_bytes / sizeof(float));
}

double seconds_since(std::chrono::steady_clock::time_point time) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - time).count();
}

}  // namespace

SessionJob::SessionJob(std::shared_ptr<const ModelPackage> model, SessionSurroundings surroundings,
                       const RecognizerOptions& limits, const SessionOptions& options,
                       EventHandler handler)
    : model_(std::move(model)),
      surroundings_(std::move(surroundings)),
      options_(options),
      user_handler_(std::move(handler)),
      handler_([this](const SessionEvent& event) { give(event); }),
      metrics_(limits.metrics),
      inbox_(options.sample_rate_hz, max_pending_samples(limits, options.sample_rate_hz),
             [this](const Urgency& urgency) {
               surroundings_.queue->put(shared_from_this(), urgency);
             }),
      resampler_(options.sample_rate_hz, model_->features()->sample_rate_hz()),
      utterance_(model_->decoding(), options) {
  check_steering_request(options.steering);
  check_endpoint_times(options.endpoint_times);
}

void SessionJob::take(RecognizerWorker& worker, double turn_s) {
  std::vector<float> samples;
  intake_ = inbox_.take(static_cast<std::size_t>(turn_s * options_.sample_rate_hz), samples);
  turn_sample_count_ = static_cast<std::int64_t>(samples.size());
  is_over_ = intake_.is_cancelled;
  if (is_over_) return;
  if (!samples.empty()) {
    metrics_->queue_wait_s.add(seconds_since(intake_.waiting_since));
  }
  if (intake_.has_room_again) tell(EventKind::kRoom);
  if (!acoustic_ && !begin(worker)) return;
  if (model_ != worker.model) {
    throw std::runtime_error("the device that the session ran on is lost");
  }
  std::vector<float> resampled;
  resampler_.process(std::move(samples), resampled);
  accept_resampled(resampled, false);
  // What follows a block does not depend on whether the input's end is known already.
  open_block_count_ = acoustic_->blocks_ready();
  if (!intake_.is_last) return;
  resampled.clear();
  resampler_.finish(resampled);
  accept_resampled(resampled, true);
}

bool SessionJob::begin(RecognizerWorker& worker) {
  try {
    utterance_.steer(surroundings_.steering->make(options_.steering));
  } catch (const std::invalid_argument& error) {
    fail(error.what(), true);
    return false;
  }
  if (options_.written && model_->decoding()->written_form == nullptr) {
    fail("written: the model names no written form of its language", true);
    return false;
  }
  model_ = worker.model;
  acoustic_.emplace(model_->acoustic_grid(), *worker.backend);
  if (worker.has_device_features) {
    device_features_.emplace(model_->features());
  } else {
    features_.emplace(model_->features());
  }
  return true;
}

void SessionJob::accept_resampled(std::span<const float> samples, bool is_last) {
  if (device_features_) {
    acoustic_->accept_frames(device_features_->accept(samples));
  } else {
    const std::int64_t before = features_->frames_ready();
    features_->accept(samples);
    if (is_last) features_->finish();
    acoustic_->accept_frames(features_->frames_ready() - before);
  }
  if (is_last) acoustic_->finish();
}

void SessionJob::give_features() {
  if (!features_ || acoustic_->blocks_ready() == 0) return;
  if (const std::optional<FrameWeights>& weights = utterance_.frame_weights()) {
    features_->weigh(*weights, model_->acoustic()->network().subsampling());
  }
  acoustic_->give(features_->take(acoustic_->frames_wanted()));
}

SearchInput SessionJob::search_input(RecognizerWorker& worker, TensorView log_likelihoods) {
  const bool was_open = open_block_count_ > 0;
  open_block_count_ -= was_open ? 1 : 0;
  is_last_block_ = !was_open && acoustic_->finished() && acoustic_->blocks_ready() == 0;
  return utterance_.next_input(*worker.backend, *worker.search, log_likelihoods);
}

void SessionJob::settle(RecognizerWorker& worker) {
  if (!is_last_block_) utterance_.settle({*worker.search, worker.device}, handler_);
}

void SessionJob::end_turn(RecognizerWorker& worker) {
  worked_samples_ += turn_sample_count_;
  if (options_.progress && turn_sample_count_ > 0) tell(EventKind::kProgress);
  if (!intake_.is_last) return;
  utterance_.end({*worker.search, worker.device}, handler_);
  is_over_ = true;
  if (inbox_.end()) tell(EventKind::kEnd);
}

void SessionJob::fail(const std::string& reason, bool is_refusal) {
  is_over_ = true;
  if (!inbox_.end()) return;
  handler_({.kind = EventKind::kError, .words = {}, .error = reason, .is_refusal = is_refusal});
}

void SessionJob::give(const SessionEvent& event) {
  const bool is_partial = event.kind == EventKind::kPartial && !event.words.empty();
  // Nobody waits for the words of a recording as they are spoken.
  if (intake_.is_live && (is_partial || event.kind == EventKind::kFinal)) {
    auto& latency_s = is_partial ? metrics_->partial_latency_s : metrics_->final_latency_s;
    latency_s.add(seconds_since(intake_.last_asked));
    if (is_partial && !std::exchange(has_told_words_, true)) {
      metrics_->first_partial_latency_s.add(seconds_since(intake_.first_asked));
    }
  }
  user_handler_(event);
}

void SessionJob::tell(EventKind kind) {
  handler_({.kind = kind, .words = {}, .sample_count = worked_samples_, .error = {}});
}

}  // namespace harpy

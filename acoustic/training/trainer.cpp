#include "acoustic/training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

}  // namespace

Trainer::Trainer(TrainingSetup setup, const TrainerOptions& options)
    : setup_(std::move(setup)),
      options_(options),
      parameters_(setup_.network->learning_parameters()),
      average_(*setup_.backend, setup_.network->learning_tensors(), options.average_decay) {
  if (setup_.train.dataset->utterances().empty()) {
    throw std::invalid_argument("Trainer: expected utterances to train on, got none");
  }
  if (options.epochs < 1) {
    throw std::invalid_argument("Trainer: expected at least 1 epoch, got " +
                                std::to_string(options.epochs));
  }
  if (options.fixed_statistics) setup_.network->fix_statistics();
  setup_.network->prepare_training(*setup_.backend);
  progress_.seed = options.seed;
  progress_.data_fingerprint = setup_.train.dataset->fingerprint();
  progress_.epochs = options.epochs;
  frames_per_batch_ = static_cast<double>(setup_.network->output_frames(setup_.train.batch_frames));
  for (std::int64_t epoch = 0; epoch < options.epochs; ++epoch) {
    const EpochKey key{options.seed, static_cast<std::uint64_t>(epoch)};
    total_steps_ += static_cast<std::int64_t>(plan_epoch(setup_.train, key).size());
  }
}

std::vector<NamedTensor> Trainer::checkpoint_tensors() {
  std::vector<NamedTensor> tensors = setup_.network->tensors();
  for (NamedTensor& average : average_.averages()) {
    tensors.push_back({"average." + average.name, average.tensor});
  }
  for (NamedTensor& moment : setup_.optimizer->state(*setup_.backend, parameters_)) {
    tensors.push_back({"optimizer." + moment.name, moment.tensor});
  }
  return tensors;
}

CompactTensors Trainer::compact_tensors() {
  CompactTensors tensors{setup_.network->learning_tensors(), average_.averages(), {}, {}};
  for (NamedTensor& moment : setup_.optimizer->state(*setup_.backend, parameters_)) {
    const bool is_square = moment.name.starts_with("moment2.");
    (is_square ? tensors.squares : tensors.means).push_back(std::move(moment));
  }
  return tensors;
}

void Trainer::resume() {
  continue_from(read_checkpoint(setup_.checkpoint, *setup_.backend, checkpoint_tensors()),
                setup_.checkpoint);
}

void Trainer::resume_compact(const std::filesystem::path& path) {
  continue_from(read_compact_checkpoint(path, *setup_.backend, compact_tensors()), path);
}

void Trainer::continue_from(const TrainingProgress& found, const std::filesystem::path& path) {
  const auto check = [&](bool good, const std::string& problem) {
    if (!good) throw std::runtime_error(path.string() + ": " + problem);
  };
  check(found.seed == progress_.seed, "was trained with seed " + std::to_string(found.seed) +
                                          ", not " + std::to_string(progress_.seed));
  check(found.data_fingerprint == progress_.data_fingerprint, "was trained on other data");
  check(found.epoch <= options_.epochs, "has more epochs done than are wanted");
  progress_ = found;
  progress_.epochs = options_.epochs;
  setup_.optimizer->set_step_count(found.step);
}

void Trainer::save(TrainingObserver& observer) {
  write_checkpoint(setup_.checkpoint, *setup_.backend, progress_, checkpoint_tensors());
  if (!setup_.compact_checkpoint.empty()) {
    write_compact_checkpoint(setup_.compact_checkpoint, *setup_.backend, progress_,
                             compact_tensors());
  }
  observer.checkpoint_written();
}

double Trainer::next_learning_rate() const {
  return learning_rate(options_.learning_rate, progress_.step + 1, total_steps_);
}

double Trainer::train_step(const Minibatch& batch, double rate) {
  Backend& backend = *setup_.backend;
  Network& network = *setup_.network;
  network.zero_gradients(backend);
  network.begin_step(backend, progress_.step + 1);
  NetworkSaved saved;
  std::vector<Tensor> heads =
      network.forward(backend, backend.from_host(batch.shape, batch.features), &saved);
  std::vector<Tensor> gradients;
  gradients.reserve(heads.size());
  for (const Tensor& head : heads) gradients.push_back(backend.empty(head.shape()));
  const std::vector<ConstTensorView> head_views(heads.begin(), heads.end());
  const std::vector<TensorView> gradient_views(gradients.begin(), gradients.end());
  const LossValue value = setup_.loss->evaluate(backend, head_views, batch.targets, gradient_views);
  for (Tensor& gradient : gradients) {
    backend.scale(static_cast<float>(1.0 / frames_per_batch_), gradient);
  }
  network.backward(backend, gradients, saved);
  const double norm = clip_gradients(backend, parameters_, options_.gradient_norm_limit);
  if (!std::isfinite(value.total) || !std::isfinite(norm)) {
    throw std::runtime_error("training diverged at step " + std::to_string(progress_.step + 1) +
                             ": loss " + std::to_string(value.total) + ", gradient norm " +
                             std::to_string(norm) + "; a lower learning rate may help");
  }
  setup_.optimizer->step(backend, parameters_, static_cast<float>(rate));
  ++progress_.step;
  average_.update(backend, network.learning_tensors(), progress_.step);
  progress_.loss += value.total;
  progress_.frames += value.frames;
  progress_.skipped += value.skipped;
  progress_.gradient_norms += norm;
  return norm;
}

bool Trainer::run_epoch(TrainingObserver& observer) {
  const EpochKey key{options_.seed, static_cast<std::uint64_t>(progress_.epoch)};
  std::vector<BatchPlan> plans = plan_epoch(setup_.train, key);
  MinibatchLoader loader(setup_.train, key, std::move(plans),
                         static_cast<std::size_t>(progress_.batch));
  Clock::time_point saved_at = Clock::now();
  while (const std::optional<Minibatch> batch = loader.next()) {
    StepReport report;
    report.learning_rate = next_learning_rate();
    report.gradient_norm = train_step(*batch, report.learning_rate);
    ++progress_.batch;
    report.epoch = progress_.epoch + 1;
    report.epochs = options_.epochs;
    report.step = progress_.step;
    report.total_steps = total_steps_;
    report.source_frames = batch->source_frames;
    report.loss_per_frame =
        progress_.loss / static_cast<double>(std::max<std::int64_t>(progress_.frames, 1));
    if (!observer.step_done(report)) {
      save(observer);
      return false;
    }
    if (seconds_since(saved_at) >= options_.checkpoint_interval_s) {
      save(observer);
      saved_at = Clock::now();
    }
  }
  finish_epoch(observer);
  return true;
}

void Trainer::finish_epoch(TrainingObserver& observer) {
  EpochReport report;
  report.epoch = progress_.epoch + 1;
  report.step = progress_.step;
  report.loss_per_frame =
      progress_.loss / static_cast<double>(std::max<std::int64_t>(progress_.frames, 1));
  report.skipped = progress_.skipped;
  report.learning_rate = next_learning_rate();
  report.gradient_norm =
      progress_.gradient_norms / static_cast<double>(std::max<std::int64_t>(progress_.batch, 1));
  average_.exchange(*setup_.backend, setup_.network->learning_tensors());
  Loss& loss = setup_.validation_loss != nullptr ? *setup_.validation_loss : *setup_.loss;
  report.validation = validate(*setup_.backend, *setup_.network, loss, *setup_.validation,
                               setup_.validation_decoder);
  report.is_best =
      progress_.best_epoch == 0 || report.validation.label_error_rate < progress_.best_error_rate;
  if (report.is_best) {
    progress_.best_epoch = report.epoch;
    progress_.best_error_rate = report.validation.label_error_rate;
  }
  observer.epoch_done(report);
  average_.exchange(*setup_.backend, setup_.network->learning_tensors());
  ++progress_.epoch;
  progress_.batch = 0;
  progress_.loss = 0.0;
  progress_.frames = 0;
  progress_.skipped = 0;
  progress_.gradient_norms = 0.0;
  save(observer);
}

bool Trainer::is_finished() const {
  const bool in_vain = options_.patience > 0 && progress_.best_epoch > 0 &&
                       progress_.epoch - progress_.best_epoch >= options_.patience;
  return progress_.epoch >= options_.epochs || in_vain;
}

bool Trainer::run(TrainingObserver& observer) {
  while (!is_finished()) {
    if (!run_epoch(observer)) return false;
  }
  average_.exchange(*setup_.backend, setup_.network->learning_tensors());
  return true;
}

}  // namespace harpy

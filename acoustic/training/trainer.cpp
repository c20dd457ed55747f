#include "acoustic/training/trainer.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

#include "models/files/checksum.hpp"

namespace harpy {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// What one rank tells the others of its part of a step.
struct StepShare {
  LossValue loss;
  std::int64_t source_frames = 0;

  StepShare& operator+=(const StepShare& other) {
    loss += other.loss;
    source_frames += other.source_frames;
    return *this;
  }
};

/// Pairwise, in the order that gradients are summed in too.
StepShare sum_pairwise(std::vector<StepShare> shares) {
  for (std::size_t step = 1; step < shares.size(); step *= 2) {
    for (std::size_t i = 0; i + step < shares.size(); i += 2 * step) shares[i] += shares[i + step];
  }
  return shares.front();
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
  const std::int64_t rank_count = setup_.ranks->count();
  if (options.microbatches < 1 || options.microbatches % rank_count != 0) {
    throw std::invalid_argument("Trainer: " + std::to_string(rank_count) +
                                " processes need a multiple of " + std::to_string(rank_count) +
                                " as microbatches, got " + std::to_string(options.microbatches));
  }
  if (options.fixed_statistics) setup_.network->fix_statistics();
  setup_.network->prepare_training(*setup_.backend);
  sum_.emplace(*setup_.backend, *setup_.network, *setup_.ranks, options.microbatches / rank_count);
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
  if (setup_.ranks->rank() != 0) return;
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

MicrobatchRange Trainer::own_microbatches() const {
  const std::int64_t each = options_.microbatches / setup_.ranks->count();
  const std::int64_t begin = setup_.ranks->rank() * each;
  return {options_.microbatches, begin, begin + each};
}

LossValue Trainer::train_microbatch(const Minibatch& part, std::int64_t index) {
  Backend& backend = *setup_.backend;
  Network& network = *setup_.network;
  network.begin_microbatch(index);
  NetworkSaved saved;
  std::vector<Tensor> heads =
      network.forward(backend, backend.from_host(part.shape, part.features), &saved);
  std::vector<Tensor> gradients;
  gradients.reserve(heads.size());
  for (const Tensor& head : heads) gradients.push_back(backend.empty(head.shape()));
  const std::vector<ConstTensorView> head_views(heads.begin(), heads.end());
  const std::vector<TensorView> gradient_views(gradients.begin(), gradients.end());
  const LossValue value = setup_.loss->evaluate(backend, head_views, part.targets, gradient_views);
  for (Tensor& gradient : gradients) {
    backend.scale(static_cast<float>(1.0 / frames_per_batch_), gradient);
  }
  network.backward(backend, gradients, saved);
  return value;
}

StepReport Trainer::train_step(MinibatchLoader& loader) {
  Backend& backend = *setup_.backend;
  Network& network = *setup_.network;
  const double rate = next_learning_rate();
  network.begin_step(backend, progress_.step + 1);
  sum_->begin();
  std::vector<StepShare> shares;
  const MicrobatchRange own = own_microbatches();
  for (std::int64_t index = own.begin; index < own.end; ++index) {
    const Minibatch part = loader.next().value();
    sum_->begin_microbatch();
    StepShare share{.source_frames = part.source_frames};
    if (!part.targets.empty()) share.loss = train_microbatch(part, index);
    sum_->end_microbatch(part.share);
    shares.push_back(share);
  }
  sum_->finish();
  const StepShare all = sum_pairwise(gather(*setup_.ranks, sum_pairwise(std::move(shares))));
  const double norm = clip_gradients(backend, parameters_, options_.gradient_norm_limit);
  if (!std::isfinite(all.loss.total) || !std::isfinite(norm)) {
    throw SharedError("training diverged at step " + std::to_string(progress_.step + 1) +
                      ": loss " + std::to_string(all.loss.total) + ", gradient norm " +
                      std::to_string(norm) + "; a lower learning rate may help");
  }
  setup_.optimizer->step(backend, parameters_, static_cast<float>(rate));
  ++progress_.step;
  ++progress_.batch;
  average_.update(backend, network.learning_tensors(), progress_.step);
  progress_.loss += all.loss.total;
  progress_.frames += all.loss.frames;
  progress_.skipped += all.loss.skipped;
  progress_.gradient_norms += norm;
  return {.epoch = progress_.epoch + 1,
          .epochs = options_.epochs,
          .step = progress_.step,
          .total_steps = total_steps_,
          .loss_per_frame =
              progress_.loss / static_cast<double>(std::max<std::int64_t>(progress_.frames, 1)),
          .learning_rate = rate,
          .gradient_norm = norm,
          .source_frames = all.source_frames};
}

bool Trainer::run_epoch(TrainingObserver& observer) {
  const EpochKey key{options_.seed, static_cast<std::uint64_t>(progress_.epoch)};
  const std::vector<BatchPlan> plans = plan_epoch(setup_.train, key);
  const auto batch_count = static_cast<std::int64_t>(plans.size());
  const MicrobatchRange own = own_microbatches();
  MinibatchLoader loader(setup_.train, key, cut_minibatches(plans, own),
                         static_cast<std::size_t>(progress_.batch * (own.end - own.begin)));
  Clock::time_point saved_at = Clock::now();
  while (progress_.batch < batch_count) {
    const StepReport report = train_step(loader);
    if (is_any(*setup_.ranks, !observer.step_done(report))) {
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
                               setup_.validation_decoder, *setup_.ranks);
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
  check_same_weights();
  save(observer);
}

void Trainer::check_same_weights() {
  if (setup_.ranks->count() == 1) return;
  Checksum checksum;
  for (const NamedTensor& named : checkpoint_tensors()) {
    const std::vector<float> values = setup_.backend->to_host(*named.tensor);
    checksum.add(values.data(), values.size() * sizeof(float));
  }
  const std::vector<std::uint64_t> all = gather(*setup_.ranks, checksum.value());
  for (std::size_t rank = 1; rank < all.size(); ++rank) {
    if (all[rank] != all[0]) {
      throw SharedError("at step " + std::to_string(progress_.step) + " rank " +
                        std::to_string(rank) +
                        " has other weights than rank 0: all ranks need the same program, "
                        "recipe, files and kind of processor");
    }
  }
}

bool Trainer::is_finished() const {
  const bool in_vain = options_.patience > 0 && progress_.best_epoch > 0 &&
                       progress_.epoch - progress_.best_epoch >= options_.patience;
  return progress_.epoch >= options_.epochs || in_vain;
}

bool Trainer::run(TrainingObserver& observer) {
  check_same_weights();
  while (!is_finished()) {
    if (!run_epoch(observer)) return false;
  }
  average_.exchange(*setup_.backend, setup_.network->learning_tensors());
  return true;
}

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "acoustic/backend/loss.hpp"
#include "acoustic/network.hpp"
#include "acoustic/optimizers/learning_rate.hpp"
#include "acoustic/optimizers/optimizer.hpp"
#include "acoustic/training/checkpoint.hpp"
#include "acoustic/training/compact_checkpoint.hpp"
#include "acoustic/training/microbatch_sum.hpp"
#include "acoustic/training/minibatch.hpp"
#include "acoustic/training/ranks.hpp"
#include "acoustic/training/tensor_average.hpp"
#include "acoustic/training/validation.hpp"

namespace harpy {

struct TrainerOptions {
  std::int64_t epochs = 20;  ///< passes over the data
  std::uint64_t seed = 1;    ///< of order and augmentation
  LearningRateOptions learning_rate;
  double gradient_norm_limit = 1.0;  ///< gradients are scaled down to it; smaller: calmer, slower
  double average_decay = 0.999;      ///< of the averaged network; nearer to 1: more steps in it
  /// Training ends early after so many epochs without fewer label errors on the validation set; 0:
  /// never.
  std::int64_t patience = 0;
  /// Whether batch norms use the running statistics that the network comes with, in place of those
  /// of each minibatch: for the end of a training, since minibatches of one kind of speech have
  /// others than all speech together.
  bool fixed_statistics = false;
  double checkpoint_interval_s = 600.0;  ///< between checkpoints within an epoch
  /// Parts that a minibatch is cut into, which are computed one after another, by the same or by
  /// different ranks; a multiple of the ranks. Normalisations take the statistics of a part, so
  /// this is a property of the training, and ranks are not. More: less memory, more ranks, smaller
  /// products, noisier normalisation.
  std::int64_t microbatches = 1;
};

/// What an observer is told after each minibatch.
struct StepReport {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t epochs = 0;
  std::int64_t step = 0;  ///< of the whole training, from 1
  std::int64_t total_steps = 0;
  double loss_per_frame = 0.0;  ///< of the epoch so far
  double learning_rate = 0.0;
  double gradient_norm = 0.0;      ///< before clipping
  std::int64_t source_frames = 0;  ///< of this minibatch, of all ranks
};

/// What an observer is told after each epoch.
struct EpochReport {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t step = 0;
  double loss_per_frame = 0.0;  ///< in training, with augmentation
  std::int64_t skipped = 0;     ///< utterances that the loss left out
  double learning_rate = 0.0;
  double gradient_norm = 0.0;   ///< mean over the steps, before clipping
  ValidationResult validation;  ///< of the averaged network
  bool is_best = false;         ///< fewer label errors than after any epoch before
};

/// Is told how a training goes on; each rank has one.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;

  /// Called after each minibatch. If it returns false at one rank, the training writes a checkpoint
  /// and stops at all of them.
  virtual bool step_done(const StepReport& report) = 0;
  /// Called after each epoch, before the checkpoint is written. The network then holds the averaged
  /// parameters.
  virtual void epoch_done(const EpochReport& report) = 0;
  /// Called whenever a checkpoint has been written, which rank 0 does.
  virtual void checkpoint_written() = 0;
};

/// What a trainer works on. All of it must outlive the trainer.
struct TrainingSetup {
  Backend* backend = nullptr;
  Network* network = nullptr;
  Loss* loss = nullptr;
  Optimizer* optimizer = nullptr;
  BatchSource train;
  const Dataset* validation = nullptr;
  std::filesystem::path checkpoint;          ///< the file
  std::filesystem::path compact_checkpoint;  ///< written beside it, see CompactTensors; empty: none
  Loss* validation_loss = nullptr;           ///< measured on the validation set; null: `loss`
  /// What label errors are counted of.
  LabelDecoder validation_decoder = [](std::span<const float> scores, std::int64_t output_count) {
    return greedy_labels(scores, output_count);
  };
  Ranks* ranks = &only_rank();  ///< who trains together
};

/// Trains a network: epochs of minibatches through forward, loss, backward, clipping and the
/// optimizer.
///
/// The loss of a minibatch is divided by the output frames of a full one, so each frame counts the
/// same and small minibatches move the network less. Determinism: the same seed gives the same
/// numbers on one device, instruction set and thread count, also when stopped and resumed at any
/// step, and with any number of ranks where that and options.microbatches are powers of two
/// (MicrobatchSum). Before the first step and after each epoch the ranks compare their weights.
class Trainer {
 public:
  Trainer(TrainingSetup setup, const TrainerOptions& options);

  /// Goes back to the state of the checkpoint file.
  /// Errors: std::runtime_error naming the file if it is damaged or belongs to another network,
  /// seed or data set.
  void resume();
  /// Goes back to nearly the state in which a compact checkpoint was written. Errors: the same.
  void resume_compact(const std::filesystem::path& path);
  /// Trains until all epochs are done, no more are worth it (options.patience) or the observer
  /// stops it. At the end the network holds the averaged parameters of the last epoch. Returns
  /// false if an observer stopped it. Errors: std::runtime_error if the loss is no longer finite,
  /// or the ranks no longer have the same weights.
  bool run(TrainingObserver& observer);

  /// How many epochs are done.
  std::int64_t epoch() const { return progress_.epoch; }
  /// The epoch with the fewest label errors among those done, counted from 1; 0 if none is done
  /// yet.
  std::int64_t best_epoch() const { return progress_.best_epoch; }
  std::int64_t total_steps() const { return total_steps_; }

 private:
  bool run_epoch(TrainingObserver& observer);
  /// Takes the microbatches of this rank from the loader.
  StepReport train_step(MinibatchLoader& loader);
  /// Adds to the gradients; the value of the loss.
  LossValue train_microbatch(const Minibatch& part, std::int64_t index);
  void finish_epoch(TrainingObserver& observer);
  void save(TrainingObserver& observer);
  std::vector<NamedTensor> checkpoint_tensors();
  CompactTensors compact_tensors();
  void continue_from(const TrainingProgress& found, const std::filesystem::path& path);
  void check_same_weights();
  /// Of the microbatches of a minibatch, those of this rank.
  MicrobatchRange own_microbatches() const;
  bool is_finished() const;
  double next_learning_rate() const;

  TrainingSetup setup_;
  TrainerOptions options_;
  std::vector<Parameter*> parameters_;
  TensorAverage average_;
  std::optional<MicrobatchSum> sum_;
  TrainingProgress progress_;
  std::int64_t total_steps_ = 0;
  double frames_per_batch_ = 1.0;  ///< output frames of a full minibatch
};

}  // namespace harpy

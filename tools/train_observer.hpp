#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>

#include "acoustic/training/trainer.hpp"
#include "acoustic/training/training_log.hpp"
#include "service/recognizer/model_description.hpp"
#include "tools/train_progress.hpp"

namespace harpy::tools {

/// Shows a training on stderr, keeps its log and, after each epoch, writes the averaged network as
/// a model package, which lacks only its graph.
class TrainObserver : public TrainingObserver {
 public:
  struct Options {
    std::filesystem::path folder;  ///< model.json, the weights and log.tsv go here
    ModelDescription model;        ///< all of it but the checksum of the weights
    double frame_shift_s = 0.01;
    std::int64_t done_epochs = 0;  ///< of an earlier run that this one goes on from
  };

  /// Errors: std::runtime_error if the log cannot be written.
  TrainObserver(const Options& options, Backend& backend, Network& network);

  /// Prints what is about to be trained.
  void describe(const Trainer& trainer);

  bool step_done(const StepReport& report) override;
  void epoch_done(const EpochReport& report) override;
  void checkpoint_written() override {}

 private:
  using Clock = std::chrono::steady_clock;

  double elapsed_s() const;

  Options options_;
  Backend& backend_;
  Network& network_;
  TrainingLog log_;
  ProgressLine progress_;
  Clock::time_point start_ = Clock::now();
  double audio_s_ = 0.0;
  std::int64_t steps_ = 0;  ///< of this run
};

/// Lets the first interrupt or termination signal end a training after its running step, with a
/// checkpoint.
void stop_training_on_signals();

}  // namespace harpy::tools

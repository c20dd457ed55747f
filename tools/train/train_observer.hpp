#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "acoustic/training/trainer.hpp"
#include "acoustic/training/training_log.hpp"
#include "service/recognizer/model_description.hpp"
#include "tools/train/training_display.hpp"
#include "tools/train/training_report.hpp"
#include "tools/train/word_error_meter.hpp"

namespace harpy::tools {

/// Counts word errors of the network in training after some of its epochs.
struct WordErrorValidation {
  const WordErrorMeter* meter = nullptr;  ///< null: never
  const Dataset* dev_set = nullptr;
  std::int64_t interval_epochs = 1;
  std::int64_t last_epoch = 0;  ///< counted in any case

  bool is_due(std::int64_t epoch) const {
    return epoch % interval_epochs == 0 || epoch == last_epoch;
  }
};

/// What a TrainObserver writes and where.
struct TrainObserverOptions {
  std::filesystem::path folder;  ///< model.json, weights, log.tsv and report.html go here
  ModelDescription model;        ///< all of it but the checksum of the weights
  TrainingReportFacts report;
  double frame_shift_s = 0.01;
  std::int64_t done_epochs = 0;  ///< epochs of an earlier run that this one goes on from
  WordErrorValidation word_errors;
};

/// Tells the parts that follow a training what happens in it: the display on stderr, the log and
/// the report of its epochs, and the model package of the best epoch so far.
class TrainObserver : public TrainingObserver {
 public:
  /// Backend and network must outlive this.
  /// Errors: std::runtime_error if the log cannot be written.
  TrainObserver(TrainObserverOptions options, Backend& backend, Network& network);

  /// Prints what is about to be trained.
  void describe(const Trainer& trainer) { display_.describe(network_, trainer); }

  bool step_done(const StepReport& report) override;
  void epoch_done(const EpochReport& report) override;
  void checkpoint_written() override {}

 private:
  using Clock = std::chrono::steady_clock;

  double elapsed_s() const;
  std::optional<double> word_error_rate(std::int64_t epoch);

  const TrainObserverOptions options_;
  Backend& backend_;
  Network& network_;
  TrainingLog log_;
  TrainingDisplay display_;
  Clock::time_point start_ = Clock::now();
};

}  // namespace harpy::tools

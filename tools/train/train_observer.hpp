#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "acoustic/training/trainer.hpp"
#include "acoustic/training/training_log.hpp"
#include "service/recognizer/model_description.hpp"
#include "tools/terminal/progress_line.hpp"
#include "tools/train/graph_validation.hpp"
#include "tools/train/training_report.hpp"

namespace harpy::tools {

/// Shows a training on stderr, keeps its log and report and, after each epoch that is the best so
/// far, writes the averaged network as a model package, which lacks only its graph.
class TrainObserver : public TrainingObserver {
 public:
  struct Options {
    std::filesystem::path folder;  ///< model.json, weights, log.tsv and report.html go here
    ModelDescription model;        ///< all of it but the checksum of the weights
    TrainReportFacts report;
    double frame_shift_s = 0.01;
    std::int64_t done_epochs = 0;  ///< of an earlier run that this one goes on from
    /// Measures word errors on `dev_set` after each so many epochs and the last; null: never.
    const GraphValidation* graph_validation = nullptr;
    std::int64_t graph_interval_epochs = 1;
    const Dataset* dev_set = nullptr;
    std::int64_t epochs = 0;  ///< planned
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
  void write_package();
  std::optional<double> word_error_rate(std::int64_t epoch);
  void print_epoch(const TrainingLogRow& row, bool is_best);

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

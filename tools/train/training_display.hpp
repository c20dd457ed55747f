#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "acoustic/network.hpp"
#include "acoustic/training/trainer.hpp"
#include "acoustic/training/training_log.hpp"
#include "tools/terminal/progress_bar.hpp"

namespace harpy::tools {

/// Shows how a training goes: a bar while steps are made, a line that stays after each epoch.
class TrainingDisplay {
 public:
  /// The stream must outlive this. `frame_shift_s`: seconds between two input frames.
  TrainingDisplay(std::FILE* stream, double frame_shift_s);

  /// Prints what is about to be trained.
  void describe(Network& network, const Trainer& trainer);
  /// Shows a step. `elapsed_s`: since the first step of this run.
  void show_step(const StepReport& report, double elapsed_s);
  /// Prints an epoch.
  void print_epoch(const TrainingLogRow& row, bool is_best);

 private:
  double frame_shift_s_;
  ProgressBar bar_;
  double audio_s_ = 0.0;    ///< of the recordings that this run was trained on
  std::int64_t steps_ = 0;  ///< of this run
};

/// What stands behind the bar. `hours_an_hour`: audio per time; `left_s`: of the whole training.
std::string step_text(const StepReport& report, double hours_an_hour, double left_s);

/// What is printed of an epoch.
std::string epoch_text(const TrainingLogRow& row, bool is_best);

}  // namespace harpy::tools

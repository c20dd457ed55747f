#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <vector>

#include "acoustic/training/trainer.hpp"

namespace harpy {

/// What the log keeps of one epoch.
struct TrainingLogRow {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t step = 0;   ///< minibatches since the first epoch
  double learning_rate = 0.0;
  double gradient_norm = 0.0;                 ///< mean over the steps, before clipping
  double train_loss = 0.0;                    ///< per output frame, with augmentation
  std::int64_t skipped = 0;                   ///< utterances that the loss left out
  double dev_loss = 0.0;                      ///< per output frame
  double dev_error_rate = 0.0;                ///< greedy label errors per label
  std::optional<double> dev_word_error_rate;  ///< by graph; absent where it was not measured
  double elapsed_s = 0.0;                     ///< of the run that did the epoch

  bool operator==(const TrainingLogRow&) const = default;
};

TrainingLogRow make_log_row(const EpochReport& report, double elapsed_s);

/// A table of the epochs of a training: tab-separated values with a heading, one row an epoch.
class TrainingLog {
 public:
  /// Keeps the rows of the first `epochs` epochs of an earlier log of this name; 0 starts anew.
  /// Errors: std::runtime_error naming the file, and the line of a row that is none.
  TrainingLog(std::filesystem::path path, std::int64_t epochs);

  /// Errors: std::runtime_error naming the file.
  void append(const TrainingLogRow& row);

  std::span<const TrainingLogRow> rows() const { return rows_; }

 private:
  void write() const;

  std::filesystem::path path_;
  std::vector<TrainingLogRow> rows_;
};

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>

#include "acoustic/training/trainer.hpp"

namespace harpy {

/// A table of the epochs of a training: tab-separated values with a heading, one row an epoch.
class TrainingLog {
 public:
  /// Keeps the rows of the first `epochs` epochs of an earlier log of this name; 0 starts anew.
  /// Errors: std::runtime_error naming the file, as for append.
  TrainingLog(std::filesystem::path path, std::int64_t epochs);

  /// `elapsed_s`: seconds of this run.
  void append(const EpochReport& report, double elapsed_s);

 private:
  std::filesystem::path path_;
};

}  // namespace harpy

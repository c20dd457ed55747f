#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace harpy {

/// What is known after an epoch.
struct EpochResult {
  std::int64_t epoch = 0;
  double train_loss = 0.0;   ///< per image, with dropout and shifts
  double train_error = 0.0;  ///< share of images, with dropout and shifts
  double test_error = 0.0;   ///< share of images
  double seconds = 0.0;      ///< since the start, without the tests
};

/// A table, one line an epoch, with a heading. Errors: std::runtime_error naming the file.
void write_learning_curve_tsv(const std::filesystem::path& path,
                              std::span<const EpochResult> epochs);

/// Errors in training and test over the epochs, on a logarithmic scale, beside a line at
/// `reference` named `reference_name`. Errors: std::runtime_error naming the file.
struct CurveReference {
  double error = 0.0;
  const char* name = "";
};
void write_learning_curve_svg(const std::filesystem::path& path,
                              std::span<const EpochResult> epochs, const CurveReference& reference);

}  // namespace harpy

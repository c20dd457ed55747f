#pragma once

#include <filesystem>
#include <vector>

namespace harpy::kaldi {

/// What a file global_cmvn.stats tells of the features of the training data.
struct FeatureSums {
  double frame_count = 0.0;  ///< above 0
  std::vector<double> sums;  ///< [dim], over these frames

  /// Shapes: [dim].
  std::vector<double> means() const;
};

/// Errors: std::runtime_error naming the file and what is wrong.
FeatureSums read_feature_sums(const std::filesystem::path& file);

}  // namespace harpy::kaldi

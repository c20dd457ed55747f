#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "acoustic/network.hpp"

namespace harpy {

/// Where a training stands, besides its tensors.
struct TrainingProgress {
  std::uint64_t seed = 0;
  std::uint64_t data_fingerprint = 0;  ///< of the training set
  std::int64_t epochs = 0;             ///< planned
  std::int64_t epoch = 0;              ///< done
  std::int64_t batch = 0;              ///< minibatches done of the epoch that follows
  std::int64_t step = 0;               ///< minibatches done in all
  double loss = 0.0;                   ///< sum over the epoch so far
  std::int64_t frames = 0;             ///< output frames of it
  std::int64_t skipped = 0;            ///< utterances the loss left out in it
  double gradient_norms = 0.0;         ///< sum over its steps
  std::int64_t best_epoch = 0;         ///< with the least label error rate, from 1; 0: none yet
  double best_error_rate = 0.0;        ///< its label error rate

  bool operator==(const TrainingProgress&) const = default;
};

/// Writes a checkpoint in place of the file, by rename: a reader sees the old one or the new one,
/// whole. Errors: std::runtime_error naming the file.
void write_checkpoint(const std::filesystem::path& path, Backend& backend,
                      const TrainingProgress& progress, std::span<const NamedTensor> tensors);

/// Reads a checkpoint into tensors of the same names and shapes and returns its progress.
/// Errors: std::runtime_error naming the file if it is missing, damaged, or holds other tensors.
TrainingProgress read_checkpoint(const std::filesystem::path& path, Backend& backend,
                                 std::span<const NamedTensor> tensors);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "acoustic/network.hpp"

namespace harpy {

/// How far a training has come; its tensors are kept beside this.
struct TrainingProgress {
  std::uint64_t seed = 0;
  std::uint64_t data_fingerprint = 0;  ///< of the training set
  std::int64_t epochs = 0;             ///< how many epochs are planned
  std::int64_t epoch = 0;              ///< how many epochs are done
  std::int64_t batch = 0;              ///< minibatches done in the epoch that is under way
  std::int64_t step = 0;               ///< minibatches done in all
  double loss = 0.0;                   ///< sum over the epoch so far
  std::int64_t frames = 0;             ///< output frames in the epoch so far
  std::int64_t skipped = 0;            ///< utterances that the loss left out in it
  double gradient_norms = 0.0;         ///< sum over the steps of the epoch so far
  std::int64_t best_epoch = 0;         ///< the one with the least label errors, from 1; 0: none yet
  double best_error_rate = 0.0;        ///< its label error rate

  bool operator==(const TrainingProgress&) const = default;
};

/// Writes a checkpoint in place of the file. Errors: as ReplacementFile.
void write_checkpoint(const std::filesystem::path& path, Backend& backend,
                      const TrainingProgress& progress, std::span<const NamedTensor> tensors);

/// Reads a checkpoint into tensors of the same names and shapes and returns its progress.
/// Errors: std::runtime_error naming the file if it is missing, damaged, or holds other tensors.
TrainingProgress read_checkpoint(const std::filesystem::path& path, Backend& backend,
                                 std::span<const NamedTensor> tensors);

}  // namespace harpy

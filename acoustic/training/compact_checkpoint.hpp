#pragma once

#include <filesystem>
#include <vector>

#include "acoustic/network.hpp"
#include "acoustic/training/checkpoint.hpp"

namespace harpy {

/// The tensors of a training, sorted by what they hold, since each kind is made small in its own
/// way.
struct CompactTensors {
  std::vector<NamedTensor> values;    ///< of the network, as far as they learn
  std::vector<NamedTensor> averages;  ///< of the values, in their order
  std::vector<NamedTensor> squares;   ///< means of squared gradients: nonnegative
  std::vector<NamedTensor> means;     ///< of gradients
};

/// Writes a checkpoint of about 2.1 bytes a parameter (an exact one has 16), from which training
/// goes on nearly as before, on another machine too.
///
/// Of tensors with more than 1024 values are kept: averages at 8 bits (ByteBlocks), values as their
/// differences from the averages as read back, at 8 bits, and squares as row and column sums
/// (MarginalSums). Smaller ones are exact. What is lost: of a value 1/254 of its block's largest
/// distance from the average, of an average 1/254 of its block's largest, the mean gradient (Adam's
/// first moment, a memory of about ten steps) wholly. Errors: std::runtime_error naming the file.
void write_compact_checkpoint(const std::filesystem::path& path, Backend& backend,
                              const TrainingProgress& progress, const CompactTensors& tensors);

/// Reads a compact checkpoint into tensors of the same names and shapes and returns its progress.
/// Errors: std::runtime_error naming the file if it is missing, damaged, or holds other tensors.
TrainingProgress read_compact_checkpoint(const std::filesystem::path& path, Backend& backend,
                                         const CompactTensors& tensors);

}  // namespace harpy

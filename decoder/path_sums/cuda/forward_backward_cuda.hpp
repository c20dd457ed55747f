#pragma once

#include <span>

#include "acoustic/backend/backend.hpp"
#include "decoder/path_sums/summation_batch.hpp"

namespace harpy::cuda {

/// Sums over the paths of all utterances of a batch, a block each, and adds their posteriors to
/// their gradients; scores and gradients are on the backend's device. Writes log P of each
/// utterance, see ForwardBackward::evaluate, and waits for them.
/// Shapes: log_probabilities [utterances].
/// Errors: std::invalid_argument if the backend is no CUDA device's or the sizes differ;
/// cuda::Error.
void sum_over_paths(Backend& backend, const summation::SummationBatch& batch,
                    std::span<double> log_probabilities);

}  // namespace harpy::cuda

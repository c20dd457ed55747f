#pragma once

#include <filesystem>

#include "kaldi/nnet3/evaluation.hpp"
#include "kaldi/transition_model.hpp"

namespace harpy::kaldi {

/// What a file final.mdl holds: what the graph's inputs mean, and the network that scores them.
struct AcousticFile {
  TransitionModel transitions;
  EvaluatedNnet nnet;
};

/// Errors: std::runtime_error naming the file, the place and what is wrong or not supported.
AcousticFile read_acoustic_file(const std::filesystem::path& path);

/// Reads a file of a network alone, such as final.raw. Errors: the same.
EvaluatedNnet read_network_file(const std::filesystem::path& path);

}  // namespace harpy::kaldi

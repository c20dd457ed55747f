#pragma once

#include <cstdint>

#include "kaldi/nnet3/nnet.hpp"
#include "kaldi/nnet3/steps.hpp"

namespace harpy::kaldi {

/// A network as the steps that its output needs. The input has the features and, behind them, the
/// i-vector of the frame.
struct EvaluatedNnet {
  StepGraph steps;
  std::int32_t output = 0;  ///< a step
  std::int64_t feature_dim = 0;
  std::int64_t ivector_dim = 0;  ///< 0: it takes none
};

/// Resolves everything that the node "output" needs to steps; `log_priors` [outputs] or empty, is
/// subtracted from the output. Errors: std::runtime_error naming the node and what it has that is
/// not supported, such as a recurrence.
EvaluatedNnet evaluate(const Nnet& nnet, const std::vector<double>& log_priors = {});

}  // namespace harpy::kaldi

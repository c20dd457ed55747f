#pragma once

#include <cstdint>
#include <memory>

#include "acoustic/backend/loss.hpp"
#include "acoustic/training/dataset.hpp"
#include "acoustic/training/recipe.hpp"
#include "acoustic/training/validation.hpp"
#include "decoder/graph/label_contexts.hpp"

namespace harpy::tools {

/// A training loss, and the decoder that turns the network's output into labels.
struct TrainingCriterion {
  std::unique_ptr<Loss> loss;
  /// Greedy for CTC. Networks of lattice-free MMI leave to the n-gram model what it knows, so they
  /// are decoded with it.
  LabelDecoder decoder;
};

/// What a criterion is made from besides its own options. References must outlive the call.
struct CriterionInput {
  const Dataset& train_set;  ///< tells what there is to know of label sequences
  LabelContexts contexts;    ///< whose units are the network's outputs
  std::int32_t label_count;  ///< blank included
  int thread_count;
};

/// Makes the criterion of a recipe. Errors: std::invalid_argument as the criteria say.
TrainingCriterion make_criterion(const Recipe& recipe, const CriterionInput& input);

}  // namespace harpy::tools

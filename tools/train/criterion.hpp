#pragma once

#include <cstdint>
#include <memory>

#include "acoustic/backend/loss.hpp"
#include "acoustic/training/dataset.hpp"
#include "acoustic/training/recipe.hpp"
#include "acoustic/training/validation.hpp"

namespace harpy::tools {

/// What a network is trained with, and how the labels are found that it then stands for.
struct TrainingCriterion {
  std::unique_ptr<Loss> loss;
  /// Greedy for CTC. Networks of lattice-free MMI leave to the n-gram model what it knows, so they
  /// are decoded with it.
  LabelDecoder decoder;
};

/// Makes the criterion of a recipe; what it has to know of label sequences it learns from the
/// training set. `label_count` is the number of the network's outputs, blank included.
/// Errors: std::invalid_argument as the criteria say.
TrainingCriterion make_criterion(const Recipe& recipe, const Dataset& train_set,
                                 std::int32_t label_count, int thread_count);

}  // namespace harpy::tools

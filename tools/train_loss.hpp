#pragma once

#include <memory>

#include "acoustic/backend/loss.hpp"
#include "acoustic/training/dataset.hpp"
#include "acoustic/training/recipe.hpp"

namespace harpy::tools {

/// Makes the training criterion of a recipe; what it has to know of label sequences it learns from
/// the training set. `label_count` is the number of the network's outputs, blank included.
/// Errors: std::invalid_argument as the criteria say.
std::unique_ptr<Loss> make_loss(const Recipe& recipe, const Dataset& train_set,
                                std::int32_t label_count, int thread_count);

}  // namespace harpy::tools

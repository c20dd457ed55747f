#pragma once

#include "service/recognizer/model_package.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// The options of commands that can rescore lattices with a larger n-gram model.
void add_rescoring_options(CLI::App& command, RescoringOverrides& rescoring);

}  // namespace harpy::tools

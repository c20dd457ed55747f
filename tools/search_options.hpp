#pragma once

#include "service/recognizer/model_package.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// Adds --beam, --max-active, --acoustic-scale, --blank-penalty and --blank-skip-threshold.
/// `has_model`: what is not given comes from a model package, else from BeamSearchOptions.
void add_search_options(CLI::App& command, SearchOverrides& search, bool has_model);

}  // namespace harpy::tools

#pragma once

#include "service/recognizer/model_package.hpp"

namespace CLI {
class App;
}

namespace harpy::tools {

/// Adds --beam and --max-active, which bound the work of a search.
/// `has_model`: what is not given comes from a model package, else from BeamSearchOptions.
void add_beam_options(CLI::App& command, SearchOverrides& search, bool has_model);

/// Adds those of add_beam_options, --acoustic-scale, --blank-penalty, --blank-skip-threshold and
/// --minimum-bayes-risk.
void add_search_options(CLI::App& command, SearchOverrides& search, bool has_model);

}  // namespace harpy::tools

#pragma once

#include "tools/graph/token_choice.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace harpy::tools {

/// Adds --tokens, --blank, --spellings, --case, --topology and --word-cost; returns --tokens.
CLI::Option* add_token_options(CLI::App& command, TokenOptions& options, GraphSources& sources);

}  // namespace harpy::tools

#pragma once

#include <optional>
#include <string>

#include "tools/graph/graph_sources.hpp"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace harpy::tools {

/// The options of commands that compile graphs for other people's networks, as text.
struct TokenOptions {
  std::optional<std::string> blank;        ///< 0 with the topology ctc, none with others
  std::optional<std::string> letter_case;  ///< keep with tokens, upper without
  std::string topology = "ctc";

  BlankColumn blank_column() const;
  /// Fills in what the texts mean.
  void apply(GraphSources& sources) const;
};

/// Adds --tokens, --blank, --spellings, --case, --topology and --word-cost; returns --tokens.
CLI::Option* add_token_options(CLI::App& command, TokenOptions& options, GraphSources& sources);

}  // namespace harpy::tools

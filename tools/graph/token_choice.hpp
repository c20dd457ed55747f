#pragma once

#include <optional>
#include <string>

#include "tools/graph/graph_sources.hpp"

namespace harpy::tools {

/// How graphs for other people's networks are compiled, as text.
struct TokenOptions {
  std::optional<std::string> blank;        ///< 0 with the topology ctc, none with others
  std::optional<std::string> letter_case;  ///< keep with tokens, upper without
  std::string topology = "ctc";

  /// Errors: std::invalid_argument for other text.
  BlankColumn blank_column() const;
  /// Fills in what the texts mean. Errors: std::invalid_argument for other text.
  void apply(GraphSources& sources) const;
};

}  // namespace harpy::tools

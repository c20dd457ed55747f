#pragma once

#include <filesystem>

#include "tools/info/info_report.hpp"

namespace harpy::tools {

/// What a graph file holds: the size of the graph, its topology, words and labels. Checks all of
/// it. Errors: as map_graph_package.
InfoReport describe_graph(const std::filesystem::path& path);

}  // namespace harpy::tools

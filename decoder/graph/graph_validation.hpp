#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy {

/// What is wrong with a graph's rows, arcs and final costs, or nothing; epsilon levels apart.
/// Cost: one pass over states and arcs.
std::optional<std::string> find_graph_defect(const GraphView& graph);

/// Whether the epsilon levels of a graph free of other defects are such that every epsilon arc
/// leads to a higher one below epsilon_level_count; the defect else.
std::optional<std::string> find_level_defect(const GraphView& graph);

/// The epsilon level of every state of a graph free of other defects.
/// Errors: std::invalid_argument naming a state of an epsilon cycle or beyond level 255.
std::vector<std::uint8_t> compute_epsilon_levels(const GraphView& graph);

}  // namespace harpy

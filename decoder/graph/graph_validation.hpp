#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "decoder/graph/arc.hpp"

namespace harpy {

/// Checks a graph's rows, arcs and final costs, but not its epsilon levels. Returns the first
/// defect, or nothing. Cost: one pass over states and arcs.
std::optional<std::string> find_graph_defect(const GraphView& graph);

/// Checks that every epsilon arc leads to a higher epsilon level and that all levels are below
/// epsilon_level_count, in a graph without other defects. Returns the first defect, or nothing.
std::optional<std::string> find_level_defect(const GraphView& graph);

/// The epsilon level of every state of a graph free of other defects.
/// Errors: std::invalid_argument naming a state of an epsilon cycle or beyond level 255.
std::vector<std::uint8_t> compute_epsilon_levels(const GraphView& graph);

}  // namespace harpy

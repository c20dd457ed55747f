#pragma once

#include <cstdint>
#include <filesystem>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// Reads a graph in AT&T's text format: lines `FROM TO INPUT OUTPUT [COST]` and, for final states,
/// `STATE [COST]`, all numbers; the state of the first line is the start state; a cost left out is
/// 0. `pdf_count` 0 takes the highest input label. Errors: std::runtime_error naming file and line.
GraphDescription read_graph_text(const std::filesystem::path& path, std::int32_t pdf_count = 0);

/// Writes this format, costs with the digits that bring back the same float; a state without arcs
/// that is not final gets the final cost Infinity, so that none is lost.
/// Errors: std::runtime_error naming the file.
void write_graph_text(const std::filesystem::path& path, const GraphView& graph);

}  // namespace harpy

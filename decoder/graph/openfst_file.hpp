#pragma once

#include <cstdint>
#include <filesystem>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// Reads a graph from OpenFst's binary file: types "vector" and "const", arcs "standard". Symbol
/// tables inside are passed over. `pdf_count` 0 takes the highest input label.
/// Errors: std::runtime_error naming file and byte; every length is checked before it is trusted.
GraphDescription read_openfst(const std::filesystem::path& path, std::int32_t pdf_count = 0);

/// Writes a graph as OpenFst's type "vector". Errors: std::runtime_error naming the file.
void write_openfst(const std::filesystem::path& path, const GraphView& graph);

}  // namespace harpy

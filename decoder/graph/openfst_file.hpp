#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// Reads a graph from OpenFst's binary file: arcs "standard", types "vector", "const", "ngram" (an
/// n-gram model) and "olabel_lookahead" (a constant graph with more behind it, which is left out).
/// `pdf_count` 0 takes the highest input label.
/// Errors: std::runtime_error naming file and byte; every length is checked before it is trusted.
GraphDescription read_openfst(const std::filesystem::path& path, std::int32_t pdf_count = 0);

/// Names of labels by number.
using LabelNames = std::map<std::int32_t, std::string>;

/// The names of output labels that such a file holds; none if it has no table of them.
/// Errors: as read_openfst.
LabelNames read_openfst_outputs(const std::filesystem::path& path);

/// Writes a graph as OpenFst's type "vector". Errors: std::runtime_error naming the file.
void write_openfst(const std::filesystem::path& path, const GraphView& graph);

}  // namespace harpy

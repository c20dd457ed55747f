#pragma once

#include <filesystem>

#include "decoder/graph/decoding_graph.hpp"
#include "decoder/graph/pronunciation_table.hpp"
#include "decoder/graph/symbol_table.hpp"
#include "decoder/graph/topology.hpp"
#include "models/files/section_file.hpp"

namespace harpy {

/// All that a recogniser needs beside the acoustic model: the graph and what its labels mean.
struct GraphPackage {
  DecodingGraph graph;
  FrameLabels frame_labels;           ///< the topology, the silence between words, the units,
                                      ///< or what each input stands for
  SymbolTable words;                  ///< names of output labels; 0 is <eps>
  SymbolTable labels;                 ///< names of the units: <blank>, the phones, then pairs
  PronunciationTable pronunciations;  ///< of each word, in labels; none for <eps>, and none where
                                      ///< inputs are listed but not those of labels
};

/// Writes a graph alone, or with its tables, into one file (section_file.hpp has the layout).
/// Errors: std::invalid_argument if a table does not fit the graph; std::runtime_error naming the
/// file.
void write_graph(const std::filesystem::path& path, const GraphView& graph);
void write_graph_package(const std::filesystem::path& path, const GraphPackage& package);

/// Maps a file of write_graph_package and checks all of it: every truncation and every altered byte
/// is refused. Errors: std::runtime_error naming the file, the place and what is wrong.
GraphPackage map_graph_package(const std::filesystem::path& path,
                               FileMemory memory = FileMemory::kShared);

/// The graph among the sections of a file. Errors: as map_graph_package.
DecodingGraph read_graph(const SectionFile& file);

}  // namespace harpy

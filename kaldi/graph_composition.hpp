#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "decoder/graph/decoding_graph.hpp"
#include "kaldi/model_folder.hpp"

namespace harpy::kaldi {

/// A graph in two parts, which Kaldi's look-ahead decoders and Vosk compose while they decode.
struct GraphParts {
  GraphDescription lexicon;  ///< HCLr.fst: transition-ids in, numbers of words out
  GraphDescription grammar;  ///< Gr.fst: these numbers in, the words of words.txt out
};

/// Reads both parts. Labels of disambig_tid.int, which only kept the lexicon deterministic, become
/// epsilons. Errors: std::runtime_error naming the file and the place.
GraphParts read_graph_parts(const ModelFolder& files);

/// Composes the parts into one graph, transition-ids in, words out: the words that the grammar can
/// take next are followed alone, and their costs are spread over the sounds that lead to them, so
/// that a search finds them as early as Kaldi's look-ahead does. Every path keeps its cost.
/// Errors: std::runtime_error naming the file of the lexicon if the graph would have more than
/// `most_arcs` arcs or has a circle that takes no word.
GraphDescription compose_graph(const GraphParts& parts, const ModelFolder& files,
                               std::size_t most_arcs);

}  // namespace harpy::kaldi

#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <vector>

#include "decoder/graph/graph_file.hpp"
#include "decoder/graph/openfst_file.hpp"
#include "kaldi/model_folder.hpp"
#include "kaldi/transition_model.hpp"

namespace harpy::kaldi {

/// A decoding graph, and which of the network's outputs scores each of its inputs.
///
/// The graph's inputs are classes of transition-ids: those of one pdf and one phone that begin
/// their phone, or that do not. So a path still tells its phones and words, while what needs no
/// difference costs nothing.
struct ConvertedGraph {
  GraphPackage package;
  std::vector<std::int32_t> pdfs;  ///< of each input
};

/// The words of a model by the numbers that its files have for them: those that the graph's own
/// file names, else those of words.txt.
struct NumberedWords {
  std::filesystem::path file;  ///< that names them
  LabelNames names;
};

/// Errors: std::runtime_error naming the file and the place.
NumberedWords read_word_numbers(const ModelFolder& files);

/// A graph composed of two parts may have at most so many arcs, unless told otherwise: about 3 GB
/// of memory while it is made.
inline constexpr std::size_t kMostComposedArcs = 50'000'000;

/// Reads HCLG.fst, or composes HCLr.fst with Gr.fst into a graph of at most `most_arcs` arcs, and
/// the tables beside it. `silence_phones` stand between words where there is no word_boundary.int.
/// The pronunciations of words are recovered where the graph tells them, see recover_lexicon.
/// Errors: std::runtime_error naming the file, the place and what is wrong, such as a circle of
/// epsilon arcs.
ConvertedGraph convert_graph(const ModelFolder& files, const TransitionModel& model,
                             const std::set<std::int32_t>& silence_phones,
                             std::size_t most_arcs = kMostComposedArcs);

}  // namespace harpy::kaldi

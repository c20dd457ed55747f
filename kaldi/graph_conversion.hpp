#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "decoder/graph/graph_file.hpp"
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

/// Reads HCLG.fst and the tables beside it. `silence_phones` stand between words where there is no
/// word_boundary.int. Errors: std::runtime_error naming the file, the place and what is wrong, such
/// as a circle of epsilon arcs.
ConvertedGraph convert_graph(const ModelFolder& files, const TransitionModel& model,
                             const std::set<std::int32_t>& silence_phones);

}  // namespace harpy::kaldi

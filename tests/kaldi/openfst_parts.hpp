#pragma once

// C++17, as OpenFst's headers ask for.

#include <cstdint>
#include <map>
#include <string>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy::testing {

/// What Kaldi's script mkgraph_lookahead.sh makes of a lexicon (transition-ids in, words out) and a
/// grammar of words: the files HCLr.fst and Gr.fst, written by OpenFst itself. It numbers the
/// lexicon's words anew, for which the new numbers are returned.
///
/// If `is_ngram`, Gr.fst is of the type "ngram" and has the new numbers on both sides; the grammar
/// must be an n-gram model then, with true epsilons as back-offs. Else its outputs keep the old
/// ones. `symbols` names words by their old numbers; it becomes Gr.fst's table of outputs unless it
/// is empty.
std::map<std::int32_t, std::int32_t> write_graph_parts(
    const GraphDescription& lexicon, const GraphDescription& grammar, bool is_ngram,
    const std::map<std::int32_t, std::string>& symbols, const std::string& lexicon_path,
    const std::string& grammar_path);

}  // namespace harpy::testing

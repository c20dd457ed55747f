#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "decoder/graph/decoding_graph.hpp"
#include "kaldi/phone_places.hpp"
#include "kaldi/transition_model.hpp"

namespace harpy::kaldi {

/// What a graph tells of how words are made of phones, and phones of transitions.
struct RecoveredLexicon {
  /// The pronunciations of each output that is a word, in phones.
  std::map<std::int32_t, std::set<std::vector<std::int32_t>>> pronunciations;
  /// The transition-id that begins a phone behind another one (0: at the start), by both.
  std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> transitions;
  /// The phone between words; 0: there is none.
  std::int32_t silence_phone = 0;
};

/// Finds the lexicon that a graph (transition-ids in, words out) was made of: every word from a
/// phone that begins words to the next one that ends them, whichever of its arcs puts the word out.
/// Graphs with wider contexts than the phone before, or with phones of several states, do not tell,
/// nor do those whose phones have no places in words: nothing is returned then.
/// Cost: linear in the words' phones at all places where the graph has them.
std::optional<RecoveredLexicon> recover_lexicon(const GraphDescription& graph,
                                                const TransitionModel& model,
                                                const PhonePlaces& places);

}  // namespace harpy::kaldi

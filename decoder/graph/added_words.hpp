#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy {

/// A word that a graph lacks.
struct AddedWord {
  std::int32_t output = 0;                                ///< its label, above those of the graph
  std::vector<std::vector<std::int32_t>> pronunciations;  ///< phones, at least one of one phone
};

/// A slot of the hash table that finds the arc by which a state of a graph enters added words.
struct WordEntry {
  std::uint32_t state = 0xFFFFFFFFU;  ///< 0xFFFFFFFF: free
  std::uint32_t arc = 0;
};

/// Added words as pointers that live on the host or on a device. Their states and arcs are numbered
/// on behind those of the graph. All arcs but those of the entries are emitting; an entry is the
/// one epsilon arc of a state of the graph that has none of its own.
struct AddedWordsView {
  std::uint32_t first_state = 0xFFFFFFFFU;  ///< no state is as high where there are no added words
  std::uint32_t first_arc = 0xFFFFFFFFU;
  const std::uint32_t* arc_begin = nullptr;  ///< [states + 1], counted from first_arc
  const float* final_cost = nullptr;         ///< [states]
  const Arc* arcs = nullptr;
  const WordEntry* entries = nullptr;  ///< [1 << entry_bits], null: there are no added words
  std::uint32_t entry_bits = 0;

  static constexpr std::uint32_t kNoArc = 0xFFFFFFFFU;

  /// The arc by which a state of the graph enters the words, or kNoArc.
  constexpr std::uint32_t entry(std::uint32_t state) const {
    if (entries == nullptr) return kNoArc;
    const std::uint32_t mask = (1U << entry_bits) - 1U;
    for (std::uint32_t i = home(state, entry_bits);; i = (i + 1U) & mask) {
      if (entries[i].state == state) return entries[i].arc;
      if (entries[i].state == kNoArc) return kNoArc;
    }
  }

  /// Where the search for a state begins in the table.
  static constexpr std::uint32_t home(std::uint32_t state, std::uint32_t bits) {
    return (state * 0x9E3779B9U) >> (32U - bits);
  }
};

/// The place in a graph where the language model has no history: any word may begin there, and a
/// path that begins there has already paid the back-off costs that lead to it.
struct WordBoundary {
  struct Place {
    std::uint32_t state = 0;
    std::int32_t last_label = 0;  ///< of the frame before, 0: blank, or the start
  };
  std::vector<Place> places;  ///< one a label, as far as words of the graph end with it
  std::uint32_t blank = 0;    ///< the state behind a blank
  float final_cost = kInfiniteCost;

  std::optional<std::uint32_t> behind(std::int32_t label) const;
};

/// Finds that place in a graph that Harpy's compiler made with the topology CTC: behind the epsilon
/// arcs of the start. Cost: one pass over the states.
/// Errors: std::invalid_argument for a graph that is not of that kind.
WordBoundary find_word_boundary(const GraphView& graph);

/// A small graph of words that is searched together with a large one that lacks them, without
/// another copy of that: entered from its word boundary and left to it, CTC between. Words put
/// their labels out where no other added word can follow any more. A path pays `cost` on its way
/// in.
///
/// Threads: const access from any.
class AddedWords {
 public:
  /// Errors: std::invalid_argument for a word without pronunciations or with an empty one, or for a
  /// label that is not one of the graph's.
  AddedWords(const GraphView& graph, const WordBoundary& boundary, std::span<const AddedWord> words,
             float cost);

  AddedWordsView view() const;
  const std::vector<std::uint32_t>& arc_begin() const { return arc_begin_; }
  const std::vector<float>& final_costs() const { return final_costs_; }
  const std::vector<Arc>& arcs() const { return arcs_; }
  const std::vector<WordEntry>& entries() const { return entries_; }

 private:
  friend class AddedWordsBuilder;

  std::uint32_t first_state_;
  std::uint32_t first_arc_;
  std::vector<std::uint32_t> arc_begin_{0};
  std::vector<float> final_costs_;
  std::vector<Arc> arcs_;
  std::vector<WordEntry> entries_;
  std::uint32_t entry_bits_ = 0;
};

}  // namespace harpy

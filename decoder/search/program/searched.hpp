#pragma once

#include <cstdint>

#include "decoder/graph/added_words.hpp"
#include "decoder/graph/arc.hpp"
#include "decoder/graph/phrase_automaton.hpp"

namespace harpy::token_passing {

/// Arcs by their indices, [begin, end).
struct ArcRange {
  std::uint32_t begin = 0;
  std::uint32_t end = 0;

  constexpr std::uint32_t size() const { return end - begin; }
};

/// What a stream searches: a graph and, where it is steered, words that are added to it and phrases
/// that go with its paths. With `kSteered` false the functions look at the graph alone, so that
/// others do not pay for steering; that holds only where is_steered() is false.
struct Searched {
  GraphView graph;       ///< with a level of epsilon arcs more where there are added words
  PhraseView phrases;    ///< without nodes: nothing steers, and all contexts are 0
  AddedWordsView added;  ///< without entries: none

  constexpr bool is_steered() const { return phrases.nodes != nullptr; }
  constexpr bool has_added_words() const { return added.entries != nullptr; }

  template <bool kSteered = true>
  constexpr const Arc& arc(std::uint32_t index) const {
    if (kSteered && index >= added.first_arc) return added.arcs[index - added.first_arc];
    return graph.arcs[index];
  }

  template <bool kSteered>
  constexpr ArcRange emitting_arcs(std::uint32_t state) const {
    if (kSteered && state >= added.first_state) {
      const std::uint32_t* const begin = added.arc_begin + (state - added.first_state);
      return {added.first_arc + begin[0], added.first_arc + begin[1]};
    }
    return {graph.arc_begin[state], graph.epsilon_begin[state]};
  }

  template <bool kSteered>
  constexpr ArcRange epsilon_arcs(std::uint32_t state) const {
    if (kSteered && state >= added.first_state) return {};
    const ArcRange own{graph.epsilon_begin[state], graph.arc_begin[state + 1]};
    if (!kSteered || !has_added_words() || own.size() != 0) return own;
    const std::uint32_t entry = added.entry(state);
    return entry == AddedWordsView::kNoArc ? own : ArcRange{entry, entry + 1};
  }

  /// Added words stand above all states of the graph.
  template <bool kSteered = true>
  constexpr std::uint32_t epsilon_level(std::uint32_t state) const {
    if (kSteered && state >= added.first_state) {
      return static_cast<std::uint32_t>(graph.epsilon_level_count) - 1;
    }
    return graph.epsilon_level[state];
  }

  /// Whether an arc from a context may cost more or less than its own cost, or lead to another
  /// context: mostly not, since most paths are in the middle of no phrase and most words begin
  /// none. Only where steered.
  constexpr bool concerns_phrases(const Arc& arc, std::uint32_t context) const {
    return (context != 0) | phrases.begins_with(static_cast<std::uint32_t>(arc.output));
  }

  /// How far above the limit a candidate may be, as it is without phrases, that they bring within
  /// it. So much of a boost as a third of the beam saves no candidate from being dropped: it would
  /// still be far behind the best, and every arc a little above the limit would have to be asked
  /// for its word.
  constexpr float reach_of_phrases(float beam) const {
    const float reach = phrases.largest_gain - beam / 3.0F;
    return reach > 0.0F ? reach : 0.0F;
  }

  /// The context behind an arc, and what the arc costs in a context beside its own cost: what its
  /// word costs there, which takes back what is pending unless the word leads on. Only where
  /// steered.
  constexpr PhraseStep phrase_step(const Arc& arc, std::uint32_t context) const {
    if (!concerns_phrases(arc, context)) return {};
    const PhraseNode& node = phrases.nodes[context];
    const auto word = static_cast<std::uint32_t>(arc.output);
    if ((word != 0) & phrases.may_lead_on(node, word)) [[unlikely]] {
      return phrases.step(context, word);
    }
    return word != 0 ? PhraseStep{0, node.pending} : PhraseStep{context, 0.0F};
  }

  /// The same, steered or not, and with the arc's own cost.
  constexpr PhraseStep step(const Arc& arc, std::uint32_t context) const {
    if (!is_steered()) return {context, arc.cost};
    const PhraseStep said = phrase_step(arc, context);
    return {said.node, arc.cost + said.cost};
  }

  /// What a path pays that ends in a state and a context.
  constexpr float final_cost(std::uint32_t state, std::uint32_t context) const {
    const float cost = state < added.first_state ? graph.final_cost[state]
                                                 : added.final_cost[state - added.first_state];
    return cost + phrases.end_cost(context);
  }
};

}  // namespace harpy::token_passing

// Includes OpenFst, whose headers of version 1.7.9 need C++17.
#include "decoder/graph/compiler/lookahead_composition.hpp"

#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include <fst/fstlib.h>
#include <fst/matcher-fst.h>

namespace harpy {

namespace {

using fst::StdArc;
using fst::StdVectorFst;

// As fst::StdOLabelLookAheadFst, but for the weights.
constexpr auto kLookAheadFlags = fst::kOutputLookAheadMatcher | fst::kLookAheadPrefix |
                                 fst::kLookAheadEpsilons | fst::kLookAheadNonEpsilonPrefix;
using LookAheadFst = fst::MatcherFst<
    fst::ConstFst<StdArc>,
    fst::LabelLookAheadMatcher<fst::SortedMatcher<fst::ConstFst<StdArc>>, kLookAheadFlags>,
    fst::olabel_lookahead_fst_type, fst::LabelLookAheadRelabeler<StdArc>>;
using Matcher = fst::DefaultLookAhead<StdArc, fst::MATCH_OUTPUT>::FstMatcher;
using Filter = fst::DefaultLookAhead<StdArc, fst::MATCH_OUTPUT>::ComposeFilter;
using StateTable = fst::GenericComposeStateTable<StdArc, Filter::FilterState>;

/// Copies a graph into OpenFst's form.
StdVectorFst to_fst(const GraphDescription& graph) {
  StdVectorFst result;
  result.ReserveStates(static_cast<StdArc::StateId>(graph.final_costs.size()));
  for (const float cost : graph.final_costs) result.SetFinal(result.AddState(), cost);
  std::vector<std::size_t> arc_counts(graph.final_costs.size());
  for (const SourcedArc& arc : graph.arcs) ++arc_counts[static_cast<std::size_t>(arc.source)];
  for (std::size_t state = 0; state < arc_counts.size(); ++state) {
    result.ReserveArcs(static_cast<StdArc::StateId>(state), arc_counts[state]);
  }
  for (const SourcedArc& arc : graph.arcs) {
    result.AddArc(arc.source, StdArc(arc.arc.input, arc.arc.output, arc.arc.cost, arc.arc.target));
  }
  result.SetStart(graph.start);
  return result;
}

template <typename Fst>
void check(const Fst& result, const char* what) {
  if (result.Properties(fst::kError, false) != 0) {
    throw std::runtime_error(std::string("OpenFst reports an error in ") + what);
  }
}

/// Marks the states from which a final state can be reached.
std::vector<bool> find_useful_states(const GraphDescription& graph) {
  const std::size_t state_count = graph.final_costs.size();
  std::vector<std::size_t> begin(state_count + 1);  // of each state's incoming arcs
  for (const SourcedArc& arc : graph.arcs) ++begin[static_cast<std::size_t>(arc.arc.target) + 1];
  for (std::size_t state = 0; state < state_count; ++state) begin[state + 1] += begin[state];
  std::vector<std::int32_t> sources(graph.arcs.size());
  std::vector<std::size_t> next(begin.begin(), begin.end() - 1);
  for (const SourcedArc& arc : graph.arcs) {
    sources[next[static_cast<std::size_t>(arc.arc.target)]++] = arc.source;
  }
  std::vector<bool> useful(state_count);
  std::vector<std::size_t> open;
  for (std::size_t state = 0; state < state_count; ++state) {
    if (graph.final_costs[state] == kInfiniteCost) continue;
    useful[state] = true;
    open.push_back(state);
  }
  while (!open.empty()) {
    const std::size_t state = open.back();
    open.pop_back();
    for (std::size_t i = begin[state]; i < begin[state + 1]; ++i) {
      const auto source = static_cast<std::size_t>(sources[i]);
      if (useful[source]) continue;
      useful[source] = true;
      open.push_back(source);
    }
  }
  return useful;
}

/// Leaves out the states from which no final state can be reached; the start state stays.
void trim(LexiconGrammar& result) {
  GraphDescription& graph = result.graph;
  std::vector<bool> useful = find_useful_states(graph);
  useful[static_cast<std::size_t>(graph.start)] = true;
  std::vector<std::int32_t> renumbered(useful.size(), -1);
  std::size_t state_count = 0;
  for (std::size_t state = 0; state < useful.size(); ++state) {
    if (!useful[state]) continue;
    renumbered[state] = static_cast<std::int32_t>(state_count);
    graph.final_costs[state_count] = graph.final_costs[state];
    result.at_word_boundary[state_count] = result.at_word_boundary[state];
    ++state_count;
  }
  graph.final_costs.resize(state_count);
  result.at_word_boundary.resize(state_count);
  std::size_t arc_count = 0;
  for (SourcedArc arc : graph.arcs) {
    arc.source = renumbered[static_cast<std::size_t>(arc.source)];
    arc.arc.target = renumbered[static_cast<std::size_t>(arc.arc.target)];
    if (arc.source >= 0 && arc.arc.target >= 0) graph.arcs[arc_count++] = arc;
  }
  graph.arcs.resize(arc_count);
  graph.start = renumbered[static_cast<std::size_t>(graph.start)];
}

}  // namespace

LexiconGrammar compose_with_lookahead(const GraphDescription& lexicon,
                                      const GraphDescription& grammar, std::size_t most_arcs) {
  FLAGS_fst_error_fatal = false;
  // The look-ahead lexicon numbers its words so that those below a state are few intervals.
  const LookAheadFst lookahead_lexicon(to_fst(lexicon));
  check(lookahead_lexicon, "the lexicon");
  StdVectorFst grammar_fst = to_fst(grammar);
  fst::LabelLookAheadRelabeler<StdArc>::Relabel(&grammar_fst, lookahead_lexicon, true);
  check(grammar_fst, "the grammar");

  auto* const state_table = new StateTable(lookahead_lexicon, grammar_fst);  // the composition's
  const fst::ComposeFstOptions<StdArc, Matcher, Filter, StateTable> options(
      fst::CacheOptions(), nullptr, nullptr, nullptr, state_table);
  const fst::ComposeFst<StdArc> composed(lookahead_lexicon, grammar_fst, options);
  LexiconGrammar result;
  GraphDescription& graph = result.graph;
  graph.pdf_count = lexicon.pdf_count;
  if (composed.Start() == fst::kNoStateId) {
    graph.final_costs = {kInfiniteCost};
    result.at_word_boundary = {true};
    return result;
  }
  graph.start = composed.Start();
  for (fst::StateIterator<fst::ComposeFst<StdArc>> states(composed); !states.Done();
       states.Next()) {
    const StdArc::StateId state = states.Value();  // 0, 1, 2, ...
    graph.final_costs.push_back(composed.Final(state).Value());
    result.at_word_boundary.push_back(state_table->Tuple(state).StateId1() == lexicon.start);
    for (fst::ArcIterator<fst::ComposeFst<StdArc>> arcs(composed, state); !arcs.Done();
         arcs.Next()) {
      const StdArc& arc = arcs.Value();
      if (graph.arcs.size() == most_arcs) {
        throw std::length_error("more than " + std::to_string(most_arcs) + " arcs");
      }
      graph.arcs.push_back({state, {arc.nextstate, arc.ilabel, arc.olabel, arc.weight.Value()}});
    }
  }
  check(composed, "the composition");
  trim(result);
  return result;
}

}  // namespace harpy

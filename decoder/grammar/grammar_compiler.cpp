#include "decoder/grammar/grammar_compiler.hpp"

#include <algorithm>
#include <cstddef>
#include <map>
#include <stdexcept>
#include <utility>

#include "decoder/graph/compiler/fillers.hpp"
#include "decoder/graph/compiler/lexicon_tree.hpp"
#include "decoder/graph/compiler/lookahead_composition.hpp"
#include "decoder/graph/compiler/weight_pushing.hpp"
#include "decoder/graph/topology_expansion.hpp"

namespace harpy {

namespace {

/// The words of a grammar as the recogniser has them.
struct GrammarWords {
  SymbolTable words;
  PronunciationTable pronunciations;    ///< the unknown word has none
  PronunciationTable tree;              ///< the same, the unknown word being a label of its own
  std::vector<std::int32_t> number_of;  ///< of each word of the grammar
};

/// `unknown_label` 0: the unknown word is one of the model's.
GrammarWords look_up(const SymbolTable& names, const WordLookup& lookup,
                     std::int32_t unknown_label) {
  GrammarWords found;
  found.words.add(names.name(0));
  found.pronunciations.add_word({});
  found.tree.add_word({});
  found.number_of.push_back(0);
  const std::vector<Lexicon::Pronunciation> unknown{{unknown_label}};
  for (std::int32_t word = 1; word < names.size(); ++word) {
    const bool is_unknown = unknown_label != 0 && names.name(word) == kUnknownGrammarWord;
    const SpokenWord spoken = is_unknown ? SpokenWord{.name = std::string(kUnknownGrammarWord)}
                                         : lookup(names.name(word));
    const std::optional<std::int32_t> known = found.words.find(spoken.name);
    found.number_of.push_back(known ? *known : found.words.add(spoken.name));
    if (known) continue;
    found.pronunciations.add_word(spoken.pronunciations);
    found.tree.add_word(is_unknown ? unknown : spoken.pronunciations);
  }
  return found;
}

GraphDescription renumber_words(const WordGrammar& grammar, const GrammarWords& words) {
  GraphDescription graph = grammar.graph;
  graph.pdf_count = words.words.size() - 1;
  for (SourcedArc& arc : graph.arcs) {
    arc.arc.input = words.number_of[static_cast<std::size_t>(arc.arc.input)];
    arc.arc.output = arc.arc.input;
  }
  return graph;
}

/// Labels without the pairs that units may stand for.
std::int32_t label_count(const GrammarCompilerOptions& options) {
  return options.frame_labels.contexts.label_count(options.labels.size());
}

/// Puts loops over all phones in the place of the unknown word's label.
class UnknownWords {
 public:
  UnknownWords(const GrammarCompilerOptions& options, std::int32_t label)
      : label_(label), phone_cost_(options.unknown_phone_cost) {
    for (std::int32_t phone = 1; phone < label_count(options); ++phone) {
      if (phone != options.frame_labels.silence_label) phones_.push_back(phone);
    }
  }

  void expand(GraphDescription& graph) {
    std::vector<SourcedArc> arcs;
    for (const SourcedArc& arc : std::exchange(graph.arcs, {})) {
      if (arc.arc.input != label_) {
        arcs.push_back(arc);
        continue;
      }
      const std::int32_t loop = loop_before(arc.arc.target, graph, arcs);
      add_phones(arc.source, {.target = loop, .output = arc.arc.output, .cost = arc.arc.cost},
                 arcs);
    }
    graph.arcs = std::move(arcs);
  }

 private:
  /// The state behind the first phone of an unknown word that leads to `target`.
  std::int32_t loop_before(std::int32_t target, GraphDescription& graph,
                           std::vector<SourcedArc>& arcs) {
    const auto [place, is_new] =
        loops_.try_emplace(target, static_cast<std::int32_t>(graph.final_costs.size()));
    if (is_new) {
      graph.final_costs.push_back(kInfiniteCost);
      add_phones(place->second, {.target = place->second}, arcs);
      arcs.push_back({place->second, {.target = target}});
    }
    return place->second;
  }

  void add_phones(std::int32_t source, Arc arc, std::vector<SourcedArc>& arcs) const {
    arc.cost += phone_cost_;
    for (const std::int32_t phone : phones_) {
      arc.input = phone;
      arcs.push_back({source, arc});
    }
  }

  std::int32_t label_;
  float phone_cost_;
  std::vector<std::int32_t> phones_;
  std::map<std::int32_t, std::int32_t> loops_;
};

GraphRows expand_frames(const GraphView& labels, const FrameLabels& frame_labels) {
  return frame_labels.listed.empty()
             ? expand_topology(labels, frame_labels.topology, frame_labels.contexts)
             : expand_label_inputs(labels, frame_labels);
}

}  // namespace

GraphPackage compile_grammar(const WordGrammar& grammar, const WordLookup& lookup,
                             const GrammarCompilerOptions& options) {
  const bool is_listed = !options.frame_labels.listed.empty();
  const std::int32_t unknown_label = label_count(options);
  GrammarWords words = look_up(grammar.words, lookup, is_listed ? 0 : unknown_label);
  const GraphDescription tree = make_lexicon_tree(words.tree, unknown_label + 1);
  LexiconGrammar composed = compose_with_lookahead(tree, renumber_words(grammar, words));
  if (std::ranges::all_of(composed.graph.final_costs,
                          [](float cost) { return cost == kInfiniteCost; })) {
    throw std::invalid_argument("the grammar allows nothing");
  }
  push_word_costs(composed.graph, composed.at_word_boundary);
  FillerOptions fillers;
  if (options.frame_labels.silence_label != 0) {
    fillers.silence = options.labels.name(options.frame_labels.silence_label);
  }
  add_fillers(composed, find_fillers(fillers, options.labels, words.words, words.pronunciations));
  UnknownWords(options, unknown_label).expand(composed.graph);
  composed.graph.pdf_count = unknown_label - 1;
  const DecodingGraph labels(composed.graph);
  return {.graph = DecodingGraph(expand_frames(labels.view(), options.frame_labels)),
          .frame_labels = options.frame_labels,
          .words = std::move(words.words),
          .labels = options.labels,
          .pronunciations = std::move(words.pronunciations)};
}

}  // namespace harpy

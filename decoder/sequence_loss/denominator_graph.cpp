#include "decoder/sequence_loss/denominator_graph.hpp"

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/graph/topology_expansion.hpp"
#include "decoder/language_model/kneser_ney.hpp"
#include "decoder/language_model/ngram_counts.hpp"
#include "decoder/language_model/vocabulary.hpp"

namespace harpy {
namespace {

using LabelSequences = std::span<const std::vector<std::int32_t>>;
/// The last words, of the model's vocabulary, before a label.
using Context = std::vector<WordId>;

// The order of the vocabulary: word l is label l, and there is no label 0.
constexpr WordId kStart = 0;

WordId word_of(std::int32_t label) { return static_cast<WordId>(label); }

void check_arguments(LabelSequences sequences, std::int32_t label_count,
                     const DenominatorOptions& options) {
  constexpr int kLargestOrder = 6;
  const auto check = [](bool good, const std::string& expected, std::int64_t got) {
    if (good) return;
    throw std::invalid_argument("denominator graph: expected " + expected + ", got " +
                                std::to_string(got));
  };
  check(options.order >= 1 && options.order <= kLargestOrder,
        "an order from 1 to " + std::to_string(kLargestOrder), options.order);
  check(options.context_count >= 0, "a number of contexts from 0 on", options.context_count);
  check(label_count >= 2, "a blank and at least 1 label", label_count);
  check(!sequences.empty(), "label sequences", 0);
  for (const std::vector<std::int32_t>& sequence : sequences) {
    for (const std::int32_t label : sequence) {
      check(label >= 1 && label < label_count,
            "labels from 1 to " + std::to_string(label_count - 1), label);
    }
  }
}

NgramModel estimate(LabelSequences sequences, std::int32_t label_count, int order) {
  Vocabulary vocabulary;
  vocabulary.add(kSentenceStartWord);
  for (std::int32_t label = 1; label < label_count; ++label) vocabulary.add(std::to_string(label));
  const WordId end = vocabulary.add(kSentenceEndWord);
  std::vector<WordId> tokens;
  for (const std::vector<std::int32_t>& sequence : sequences) {
    tokens.push_back(kStart);
    std::transform(sequence.begin(), sequence.end(), std::back_inserter(tokens), word_of);
    tokens.push_back(end);
  }
  return estimate_kneser_ney(vocabulary, count_ngrams(tokens, vocabulary, order),
                             {.lower_orders = LowerOrders::kOccurrences})
      .model;
}

/// The contexts that get a state: none, the start, one label, and the most frequent longer ones.
std::map<Context, std::int32_t> choose_contexts(LabelSequences sequences,
                                                const DenominatorOptions& options) {
  const auto longest = static_cast<std::size_t>(options.order - 1);
  std::map<Context, std::int64_t> counts;
  for (const std::vector<std::int32_t>& sequence : sequences) {
    Context words{kStart};
    for (std::size_t i = 0; i <= sequence.size(); ++i) {
      for (std::size_t length = 1; length <= std::min(longest, words.size()); ++length) {
        ++counts[Context(words.end() - static_cast<std::ptrdiff_t>(length), words.end())];
      }
      if (i < sequence.size()) words.push_back(word_of(sequence[i]));
    }
  }
  std::vector<std::pair<Context, std::int64_t>> longer;
  std::map<Context, std::int32_t> states{{Context(), 0}};
  const auto add = [&states](const Context& context) {
    states.emplace(context, static_cast<std::int32_t>(states.size()));
  };
  for (const auto& [context, count] : counts) {
    if (context.size() == 1) {
      add(context);
    } else {
      longer.emplace_back(context, count);
    }
  }
  // Shorter ones come first where counts are equal, so that no context lacks its ends.
  std::sort(longer.begin(), longer.end(), [](const auto& a, const auto& b) {
    if (a.second != b.second) return a.second > b.second;
    if (a.first.size() != b.first.size()) return a.first.size() < b.first.size();
    return a.first < b.first;
  });
  const std::size_t kept = std::min(longer.size(), static_cast<std::size_t>(options.context_count));
  for (std::size_t i = 0; i < kept; ++i) add(longer[i].first);
  return states;
}

std::int32_t state_of_longest_end(const std::map<Context, std::int32_t>& states,
                                  std::span<const WordId> words) {
  for (;; words = words.subspan(1)) {
    const auto found = states.find(Context(words.begin(), words.end()));
    if (found != states.end()) return found->second;
  }
}

/// Arcs of a state are in the order of their labels.
DecodingGraph make_label_graph(LabelSequences sequences, std::int32_t label_count,
                               const DenominatorOptions& options) {
  check_arguments(sequences, label_count, options);
  const NgramModel model = estimate(sequences, label_count, options.order);
  const std::map<Context, std::int32_t> states = choose_contexts(sequences, options);
  GraphDescription graph;
  graph.start = state_of_longest_end(states, std::vector<WordId>{kStart});
  graph.pdf_count = label_count - 1;
  graph.final_costs.resize(states.size());
  for (const auto& [context, state] : states) {
    Context words = context;
    for (std::int32_t label = 1; label < label_count; ++label) {
      words.push_back(word_of(label));
      graph.arcs.push_back({state,
                            {.target = state_of_longest_end(states, words),
                             .input = label,
                             .output = label,
                             .cost = -model.log_probability(context, word_of(label))}});
      words.pop_back();
    }
    graph.final_costs[static_cast<std::size_t>(state)] =
        -model.log_probability(context, model.vocabulary().sentence_end());
  }
  return DecodingGraph(graph);
}

}  // namespace

DenominatorGraph::DenominatorGraph(LabelSequences label_sequences, std::int32_t label_count,
                                   const DenominatorOptions& options)
    : contexts_(options.contexts),
      labels_(make_label_graph(label_sequences, label_count, options)),
      alignments_(expand_topology(labels_.view(), Topology::kCtc, contexts_)),
      summation_graph_(alignments_.view()) {}

double DenominatorGraph::log_probability(std::span<const std::int32_t> labels) const {
  const GraphView& graph = labels_.view();
  double cost = 0.0;
  std::int32_t state = graph.start;
  for (const std::int32_t label : labels) {
    const Arc& arc = graph.arcs[graph.arc_begin[state] + static_cast<std::uint32_t>(label - 1)];
    cost += double{arc.cost};
    state = arc.target;
  }
  return -(cost + double{graph.final_cost[state]});
}

}  // namespace harpy

#include "decoder/graph/compiler/fillers.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>

namespace harpy {

namespace {

/// The label of the silence or the separator, which `what` names.
std::int32_t find_filler_label(const std::string& what, const std::string& name,
                               const SymbolTable& labels, const SymbolTable& words,
                               const PronunciationTable& pronunciations) {
  const std::optional<std::int32_t> silence = labels.find(name);
  if (!silence || *silence == 0) {
    throw std::invalid_argument("graph: the " + what + " \"" + name +
                                "\" is not one of the phones");
  }
  for (std::int32_t word = 0; word < pronunciations.word_count(); ++word) {
    for (std::int32_t i = 0; i < pronunciations.pronunciation_count(word); ++i) {
      const std::span<const std::int32_t> spoken = pronunciations.labels(word, i);
      if (std::find(spoken.begin(), spoken.end(), *silence) != spoken.end()) {
        throw std::invalid_argument("graph: the " + what + " \"" + name +
                                    "\" is in a pronunciation of \"" + words.name(word) + "\"");
      }
    }
  }
  return *silence;
}

/// Adds a filler's arcs from `source` to `target`.
void add_filler(LexiconGrammar& graph, const Filler& filler, std::int32_t source,
                std::int32_t target) {
  GraphDescription& description = graph.graph;
  for (std::size_t i = 0; i < filler.labels.size(); ++i) {
    const bool is_first = i == 0;
    std::int32_t next = target;
    if (i + 1 < filler.labels.size()) {
      next = static_cast<std::int32_t>(description.final_costs.size());
      description.final_costs.push_back(kInfiniteCost);
      graph.at_word_boundary.push_back(false);
    }
    description.arcs.push_back({source,
                                {.target = next,
                                 .input = filler.labels[i],
                                 .output = is_first ? filler.output : 0,
                                 .cost = is_first ? filler.cost : 0.0F}});
    source = next;
  }
}

/// The states before word boundaries, by boundary; -1 where there is none.
class StatesBefore {
 public:
  explicit StatesBefore(LexiconGrammar& graph)
      : graph_(graph), states_(graph.graph.final_costs.size(), -1) {}

  /// Lets every word end before the boundary that it led to.
  void take_ends_of_words() {
    for (SourcedArc& arc : graph_.graph.arcs) {
      const bool ends_word =
          arc.arc.input != 0 && graph_.at_word_boundary[static_cast<std::size_t>(arc.arc.target)];
      if (ends_word) arc.arc.target = before(arc.arc.target);
    }
  }
  /// The state before a boundary, which is made if there is none.
  std::int32_t before(std::int32_t boundary) {
    std::int32_t& state = states_[static_cast<std::size_t>(boundary)];
    if (state < 0) state = add_state();
    return state;
  }
  std::int32_t add_state() {
    graph_.graph.final_costs.push_back(kInfiniteCost);
    graph_.at_word_boundary.push_back(true);
    return static_cast<std::int32_t>(graph_.graph.final_costs.size()) - 1;
  }
  const std::vector<std::int32_t>& all() const { return states_; }

 private:
  LexiconGrammar& graph_;
  std::vector<std::int32_t> states_;
};

/// What it costs at least to end a sentence in each state, back-off included.
std::vector<float> least_end_costs(const GraphDescription& graph) {
  std::vector<float> costs = graph.final_costs;
  for (bool has_changed = true; has_changed;) {  // a back-off further each time
    has_changed = false;
    for (const SourcedArc& arc : graph.arcs) {
      if (arc.arc.input != 0 || arc.arc.output != 0) continue;
      float& cost = costs[static_cast<std::size_t>(arc.source)];
      const float by_arc = arc.arc.cost + costs[static_cast<std::size_t>(arc.arc.target)];
      if (by_arc >= cost) continue;
      cost = by_arc;
      has_changed = true;
    }
  }
  return costs;
}

void add_separator(LexiconGrammar& graph, std::int32_t separator) {
  GraphDescription& description = graph.graph;
  const std::vector<float> end_costs = least_end_costs(description);
  StatesBefore states(graph);
  states.take_ends_of_words();
  const auto arc_to = [&](std::int32_t target, std::int32_t input) {
    return Arc{.target = target, .input = input, .output = 0, .cost = 0.0F};
  };
  for (std::size_t boundary = 0; boundary < states.all().size(); ++boundary) {
    const std::int32_t before = states.all()[boundary];
    if (before < 0) continue;
    const auto target = static_cast<std::int32_t>(boundary);
    description.arcs.push_back({before, arc_to(target, separator)});
    description.arcs.push_back({target, arc_to(target, separator)});
    description.final_costs[static_cast<std::size_t>(before)] = end_costs[boundary];
  }
  const std::int32_t start = states.add_state();
  description.arcs.push_back({start, arc_to(start, separator)});
  description.arcs.push_back({start, arc_to(description.start, 0)});
  description.start = start;
}

}  // namespace

Fillers find_fillers(const FillerOptions& options, const SymbolTable& labels,
                     const SymbolTable& words, const PronunciationTable& pronunciations) {
  Fillers fillers;
  if (!options.separator.empty()) {
    if (!options.silence.empty() || !options.noise_words.empty()) {
      throw std::invalid_argument(
          "graph: there is no silence or noise beside a separator of words");
    }
    fillers.separator =
        find_filler_label("separator", options.separator, labels, words, pronunciations);
    return fillers;
  }
  double none = 1.0;
  const auto share = [&none](double probability, const char* what) {
    none -= probability;
    if (!(probability > 0.0) || !(none > 0.0)) {
      throw std::invalid_argument(std::string("graph: expected a probability of ") + what +
                                  " above 0 that leaves more than 0 for nothing, got " +
                                  std::to_string(probability));
    }
  };
  if (!options.silence.empty()) {
    share(options.silence_probability, "silence");
    fillers.list.push_back(
        {.labels = {find_filler_label("silence", options.silence, labels, words, pronunciations)},
         .output = 0,
         .cost = static_cast<float>(-std::log(options.silence_probability))});
  }
  if (!options.noise_words.empty()) share(options.noise_probability, "noise");
  const auto noise_word_count = static_cast<double>(options.noise_words.size());
  for (const std::string& name : options.noise_words) {
    const std::optional<std::int32_t> word = words.find(name);
    const std::int32_t count = word ? pronunciations.pronunciation_count(*word) : 0;
    if (count == 0) {
      throw std::invalid_argument("graph: the noise word \"" + name + "\" is not in the lexicon");
    }
    for (std::int32_t i = 0; i < count; ++i) {
      const std::span<const std::int32_t> spoken = pronunciations.labels(*word, i);
      fillers.list.push_back(
          {.labels = {spoken.begin(), spoken.end()},
           .output = *word,
           .cost = static_cast<float>(-std::log(options.noise_probability / noise_word_count))});
    }
  }
  fillers.none_cost = static_cast<float>(-std::log(none));
  return fillers;
}

void add_fillers(LexiconGrammar& graph, const Fillers& fillers) {
  if (fillers.separator != 0) add_separator(graph, fillers.separator);
  if (fillers.list.empty()) return;
  GraphDescription& description = graph.graph;
  StatesBefore states(graph);
  states.take_ends_of_words();
  description.start = states.before(description.start);
  for (std::size_t boundary = 0; boundary < states.all().size(); ++boundary) {
    const std::int32_t before = states.all()[boundary];
    if (before < 0) continue;
    const auto target = static_cast<std::int32_t>(boundary);
    description.arcs.push_back(
        {before, {.target = target, .input = 0, .output = 0, .cost = fillers.none_cost}});
    for (const Filler& filler : fillers.list) add_filler(graph, filler, before, target);
  }
}

}  // namespace harpy

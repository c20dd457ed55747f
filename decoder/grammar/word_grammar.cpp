#include "decoder/grammar/word_grammar.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <queue>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace harpy {

namespace {

/// The states that epsilon arcs lead to from one state, itself among them, and what the way costs
/// (Dijkstra 1959).
std::unordered_map<std::int32_t, float> epsilon_closure(
    std::int32_t from, const std::vector<std::vector<Arc>>& arcs_of) {
  using Place = std::pair<float, std::int32_t>;
  std::unordered_map<std::int32_t, float> costs{{from, 0.0F}};
  std::priority_queue<Place, std::vector<Place>, std::greater<>> open;
  open.emplace(0.0F, from);
  while (!open.empty()) {
    const auto [cost, state] = open.top();
    open.pop();
    if (cost > costs[state]) continue;
    for (const Arc& arc : arcs_of[static_cast<std::size_t>(state)]) {
      if (arc.input != 0) continue;
      const auto [place, is_new] = costs.try_emplace(arc.target, kInfiniteCost);
      if (cost + arc.cost >= place->second) continue;
      place->second = cost + arc.cost;
      open.emplace(place->second, arc.target);
    }
  }
  return costs;
}

}  // namespace

std::int32_t WordGrammar::add_state() {
  graph.final_costs.push_back(kInfiniteCost);
  return static_cast<std::int32_t>(graph.final_costs.size()) - 1;
}

std::int32_t WordGrammar::word(std::string_view name) {
  if (const std::optional<std::int32_t> known = words.find(name)) return *known;
  graph.pdf_count = words.size();
  return words.add(name);
}

void WordGrammar::add_arc(std::int32_t source, std::int32_t target, std::int32_t word, float cost) {
  if (graph.arcs.size() == kMostGrammarArcs) {
    throw std::invalid_argument("the grammar has more than " + std::to_string(kMostGrammarArcs) +
                                " places for words once its rules are put in");
  }
  graph.arcs.push_back({source, {.target = target, .input = word, .output = word, .cost = cost}});
}

WordGrammar remove_epsilons(const WordGrammar& grammar) {
  std::vector<std::vector<Arc>> arcs_of(grammar.graph.final_costs.size());
  for (const SourcedArc& arc : grammar.graph.arcs) {
    arcs_of[static_cast<std::size_t>(arc.source)].push_back(arc.arc);
  }
  WordGrammar result;
  result.words = grammar.words;
  result.graph.pdf_count = grammar.graph.pdf_count;
  std::vector<std::int32_t> reached{grammar.graph.start};  // by the number of the new state
  std::unordered_map<std::int32_t, std::int32_t> renumbered{
      {grammar.graph.start, result.add_state()}};
  for (std::size_t next = 0; next < reached.size(); ++next) {
    const auto source = static_cast<std::int32_t>(next);
    const auto closure = epsilon_closure(reached[next], arcs_of);
    std::vector<std::pair<std::int32_t, float>> behind(closure.begin(), closure.end());
    std::sort(behind.begin(), behind.end());
    float& final_cost = result.graph.final_costs[next];
    for (const auto& [state, cost] : behind) {
      final_cost =
          std::min(final_cost, cost + grammar.graph.final_costs[static_cast<std::size_t>(state)]);
    }
    for (const auto& [state, cost] : behind) {
      for (const Arc& arc : arcs_of[static_cast<std::size_t>(state)]) {
        if (arc.input == 0) continue;
        const auto [place, is_new] = renumbered.try_emplace(arc.target, 0);
        if (is_new) {
          place->second = result.add_state();
          reached.push_back(arc.target);
        }
        result.add_arc(source, place->second, arc.input, cost + arc.cost);
      }
    }
  }
  return result;
}

}  // namespace harpy

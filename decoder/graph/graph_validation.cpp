#include "decoder/graph/graph_validation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <span>
#include <stdexcept>

#include "decoder/graph/state_arcs.hpp"

namespace harpy {

namespace {

constexpr std::int32_t kMaxLevel = std::numeric_limits<std::uint8_t>::max();

bool is_cost(float cost) { return cost > -kInfiniteCost; }  // NaN compares false

std::string name_state(std::int32_t state) { return "state " + std::to_string(state); }

std::string describe_bad_arc(const GraphView& graph, std::int32_t state, const Arc& arc,
                             bool emitting) {
  const std::string where = "arc " + std::to_string(&arc - graph.arcs) + " of " + name_state(state);
  if (arc.target < 0 || arc.target >= graph.state_count) {
    return where + ": target " + std::to_string(arc.target) + " is not one of the " +
           std::to_string(graph.state_count) + " states";
  }
  if (arc.input < 0 || arc.input > graph.pdf_count || (arc.input > 0) != emitting) {
    return where + ": input label " + std::to_string(arc.input) + ", expected " +
           (emitting ? "1.." + std::to_string(graph.pdf_count) : std::string("0"));
  }
  if (arc.output < 0) return where + ": output label " + std::to_string(arc.output);
  return where + ": cost " + std::to_string(arc.cost);
}

}  // namespace

std::optional<std::string> find_graph_defect(const GraphView& graph) {
  if (graph.state_count < 1) return "a graph needs at least one state";
  if (graph.pdf_count < 0) return "pdf count " + std::to_string(graph.pdf_count);
  if (graph.start < 0 || graph.start >= graph.state_count) {
    return "start state " + std::to_string(graph.start) + " is not one of the " +
           std::to_string(graph.state_count) + " states";
  }
  if (graph.arc_begin[0] != 0) return "the arcs of state 0 do not begin at 0";
  // All rows before any arc is read, so that a wrong row cannot lead outside the array.
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    if (graph.arc_begin[state] > graph.epsilon_begin[state] ||
        graph.epsilon_begin[state] > graph.arc_begin[state + 1]) {
      return name_state(state) + ": its arcs do not follow those of the state before";
    }
    if (!is_cost(graph.final_cost[state])) {
      return name_state(state) + ": final cost " + std::to_string(graph.final_cost[state]);
    }
  }
  const auto state_count = static_cast<std::uint32_t>(graph.state_count);
  const auto pdf_count = static_cast<std::uint32_t>(graph.pdf_count);
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    for (const Arc& arc : emitting_arcs(graph, state)) {
      // One comparison each, negative values being large as unsigned ones.
      const bool good = static_cast<std::uint32_t>(arc.target) < state_count &&
                        static_cast<std::uint32_t>(arc.input) - 1U < pdf_count && arc.output >= 0 &&
                        is_cost(arc.cost);
      if (!good) return describe_bad_arc(graph, state, arc, true);
    }
    for (const Arc& arc : epsilon_arcs(graph, state)) {
      const bool good = static_cast<std::uint32_t>(arc.target) < state_count && arc.input == 0 &&
                        arc.output >= 0 && is_cost(arc.cost);
      if (!good) return describe_bad_arc(graph, state, arc, false);
    }
  }
  return std::nullopt;
}

std::optional<std::string> find_level_defect(const GraphView& graph) {
  if (graph.epsilon_level_count < 1 || graph.epsilon_level_count > kMaxLevel + 1) {
    return std::to_string(graph.epsilon_level_count) + " epsilon levels";
  }
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    if (graph.epsilon_level[state] >= graph.epsilon_level_count) {
      return name_state(state) + ": epsilon level " + std::to_string(graph.epsilon_level[state]) +
             " of " + std::to_string(graph.epsilon_level_count);
    }
    for (const Arc& arc : epsilon_arcs(graph, state)) {
      if (graph.epsilon_level[arc.target] <= graph.epsilon_level[state]) {
        return name_state(state) + ": an epsilon arc does not lead to a higher level";
      }
    }
  }
  return std::nullopt;
}

std::vector<std::uint8_t> compute_epsilon_levels(const GraphView& graph) {
  const auto state_count = static_cast<std::size_t>(graph.state_count);
  std::vector<std::uint32_t> open_arcs(state_count);  // epsilon arcs not yet followed, by target
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    for (const Arc& arc : epsilon_arcs(graph, state)) ++open_arcs[arc.target];
  }
  std::vector<std::int32_t> ready;  // topological order of the epsilon arcs (Kahn 1962)
  ready.reserve(state_count);
  for (std::int32_t state = 0; state < graph.state_count; ++state) {
    if (open_arcs[state] == 0) ready.push_back(state);
  }
  std::vector<std::uint8_t> levels(state_count);
  for (std::size_t next = 0; next < ready.size(); ++next) {
    const std::int32_t state = ready[next];
    for (const Arc& arc : epsilon_arcs(graph, state)) {
      const std::int32_t level = std::max<std::int32_t>(levels[arc.target], levels[state] + 1);
      if (level > kMaxLevel) {
        throw std::invalid_argument(name_state(arc.target) + ": more than " +
                                    std::to_string(kMaxLevel) + " epsilon arcs in a row");
      }
      levels[arc.target] = static_cast<std::uint8_t>(level);
      if (--open_arcs[arc.target] == 0) ready.push_back(arc.target);
    }
  }
  if (ready.size() != state_count) {
    const auto open = std::find_if(open_arcs.begin(), open_arcs.end(),
                                   [](std::uint32_t count) { return count > 0; });
    throw std::invalid_argument(name_state(static_cast<std::int32_t>(open - open_arcs.begin())) +
                                ": an epsilon cycle leads to it");
  }
  return levels;
}

}  // namespace harpy

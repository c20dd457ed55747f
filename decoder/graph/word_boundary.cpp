#include <algorithm>
#include <stdexcept>
#include <string>

#include "decoder/graph/added_words.hpp"
#include "decoder/graph/state_arcs.hpp"

namespace harpy {

namespace {

constexpr std::int32_t kBlankInput = 1;

[[noreturn]] void refuse(const std::string& why) {
  throw std::invalid_argument("this graph takes no new words: " + why);
}

}  // namespace

std::optional<std::uint32_t> WordBoundary::behind(std::int32_t label) const {
  const auto found = std::ranges::find(places, label, &Place::last_label);
  if (found == places.end() || label == 0) return std::nullopt;
  return found->state;
}

WordBoundary find_word_boundary(const GraphView& graph) {
  auto start = static_cast<std::uint32_t>(graph.start);
  for (auto arcs = epsilon_arcs(graph, start); !arcs.empty(); arcs = epsilon_arcs(graph, start)) {
    if (arcs.size() > 1) refuse("more than one epsilon arc leads on from its start");
    start = static_cast<std::uint32_t>(arcs[0].target);
  }
  const auto is_blank = [](const Arc& arc) { return arc.input == kBlankInput && arc.output == 0; };
  const auto first = emitting_arcs(graph, start);
  const auto blank = std::ranges::find_if(first, is_blank);
  if (blank == first.end()) refuse("no blank leads on from its start");
  WordBoundary boundary;
  boundary.blank = static_cast<std::uint32_t>(blank->target);
  boundary.final_cost = graph.final_cost[boundary.blank];
  for (std::uint32_t state = 0; state < static_cast<std::uint32_t>(graph.state_count); ++state) {
    // A loop on the last label comes first, then the blank (topology_expansion.hpp).
    const auto arcs = emitting_arcs(graph, state);
    const auto near = arcs.first(std::min<std::size_t>(arcs.size(), 2));
    const bool waits = std::ranges::any_of(near, [&](const Arc& arc) {
      return is_blank(arc) && static_cast<std::uint32_t>(arc.target) == boundary.blank;
    });
    if (!waits) continue;
    if (!epsilon_arcs(graph, state).empty()) {
      refuse("an epsilon arc leads on from its word boundary");
    }
    const bool has_loop = static_cast<std::uint32_t>(near[0].target) == state;
    boundary.places.push_back({.state = state, .last_label = has_loop ? near[0].input - 1 : 0});
  }
  return boundary;
}

}  // namespace harpy

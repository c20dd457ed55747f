#include "decoder/lattice/sorted_lattice.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <limits>
#include <queue>
#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>

namespace harpy {

namespace {

constexpr std::uint32_t kNoPlace = std::numeric_limits<std::uint32_t>::max();

/// Arcs of each state, from it or to it, as indices in a list of arcs.
class ArcIndex {
 public:
  template <typename State>
  ArcIndex(std::size_t state_count, const std::vector<CompactLatticeArc>& arcs, const State& state)
      : begins_(state_count + 1), indices_(arcs.size()) {
    for (const CompactLatticeArc& arc : arcs) ++begins_[state(arc) + 1];
    for (std::size_t i = 0; i < state_count; ++i) begins_[i + 1] += begins_[i];
    std::vector<std::uint32_t> places(begins_.begin(), begins_.end() - 1);
    for (std::uint32_t i = 0; i < arcs.size(); ++i) indices_[places[state(arcs[i])]++] = i;
  }

  std::span<const std::uint32_t> of(std::uint32_t state) const {
    return std::span(indices_).subspan(begins_[state], begins_[state + 1] - begins_[state]);
  }

 private:
  std::vector<std::uint32_t> begins_;
  std::vector<std::uint32_t> indices_;
};

std::uint32_t source_of(const CompactLatticeArc& arc) { return arc.source; }
std::uint32_t target_of(const CompactLatticeArc& arc) { return arc.target; }

/// Marks the states that a walk over arcs reaches; `others` gives the far ends of a state's arcs.
template <typename Others>
std::vector<bool> reached_from(std::vector<std::uint32_t> waiting, std::size_t state_count,
                               const Others& others) {
  std::vector<bool> is_reached(state_count, false);
  for (const std::uint32_t state : waiting) is_reached[state] = true;
  while (!waiting.empty()) {
    const std::uint32_t state = waiting.back();
    waiting.pop_back();
    others(state, [&](std::uint32_t other) {
      if (is_reached[other]) return;
      is_reached[other] = true;
      waiting.push_back(other);
    });
  }
  return is_reached;
}

/// The states that are on paths, in an order in which arcs lead forward (Kahn 1962).
std::vector<std::uint32_t> sorted_states(const std::vector<CompactLatticeState>& states,
                                         const std::vector<CompactLatticeArc>& arcs) {
  const ArcIndex leaving(states.size(), arcs, source_of);
  const ArcIndex entering(states.size(), arcs, target_of);
  std::vector<std::uint32_t> ends;
  for (std::uint32_t i = 0; i < states.size(); ++i) {
    if (std::isfinite(states[i].final_cost())) ends.push_back(i);
  }
  const std::vector<bool> from_start =
      reached_from({0}, states.size(), [&](std::uint32_t state, const auto& reach) {
        for (const std::uint32_t arc : leaving.of(state)) reach(arcs[arc].target);
      });
  const std::vector<bool> to_end =
      reached_from(std::move(ends), states.size(), [&](std::uint32_t state, const auto& reach) {
        for (const std::uint32_t arc : entering.of(state)) reach(arcs[arc].source);
      });
  const auto is_kept = [&](std::uint32_t state) { return from_start[state] && to_end[state]; };

  std::vector<std::uint32_t> missing(states.size());  // arcs to come before a state may come
  for (const CompactLatticeArc& arc : arcs) {
    if (is_kept(arc.source) && is_kept(arc.target)) ++missing[arc.target];
  }
  using Ready = std::pair<std::uint32_t, std::uint32_t>;  // frame, state
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  std::vector<std::uint32_t> frames(states.size());
  if (is_kept(0) && missing[0] == 0) ready.emplace(0, 0);
  std::vector<std::uint32_t> order;
  while (!ready.empty()) {
    const auto [frame, state] = ready.top();
    ready.pop();
    order.push_back(state);
    for (const std::uint32_t index : leaving.of(state)) {
      const CompactLatticeArc& arc = arcs[index];
      if (!is_kept(arc.target)) continue;
      frames[arc.target] = frame + arc.weight.labels_end - arc.weight.labels_begin;
      if (--missing[arc.target] == 0) ready.emplace(frames[arc.target], arc.target);
    }
  }
  for (std::uint32_t state = 0; state < states.size(); ++state) {
    const bool is_stuck = missing[state] != 0;
    if (is_stuck) {
      throw std::invalid_argument("CompactLattice: a cycle leads to state " +
                                  std::to_string(state));
    }
  }
  return order;
}

}  // namespace

CompactLattice make_sorted(const std::vector<CompactLatticeState>& states,
                           const std::vector<CompactLatticeArc>& arcs,
                           const std::vector<std::int32_t>& labels) {
  if (states.empty()) return {};
  const std::vector<std::uint32_t> order = sorted_states(states, arcs);
  std::vector<std::uint32_t> places(states.size(), kNoPlace);
  for (std::uint32_t i = 0; i < order.size(); ++i) places[order[i]] = i;

  std::vector<CompactLatticeArc> kept;
  for (const CompactLatticeArc& arc : arcs) {
    if (places[arc.source] == kNoPlace || places[arc.target] == kNoPlace) continue;
    kept.push_back({places[arc.source], places[arc.target], arc.word, arc.weight});
  }
  std::ranges::stable_sort(kept, {}, [](const CompactLatticeArc& arc) {
    return std::tuple(arc.source, arc.word, arc.target);
  });

  std::vector<std::int32_t> kept_labels;
  const auto keep_labels = [&](CompactWeight& weight) {
    const auto begin = static_cast<std::uint32_t>(kept_labels.size());
    kept_labels.insert(kept_labels.end(), labels.begin() + weight.labels_begin,
                       labels.begin() + weight.labels_end);
    weight.labels_begin = begin;
    weight.labels_end = static_cast<std::uint32_t>(kept_labels.size());
  };
  std::vector<CompactLatticeState> kept_states;
  for (const std::uint32_t state : order) {
    keep_labels(kept_states.emplace_back(states[state]).final);
  }
  for (CompactLatticeArc& arc : kept) keep_labels(arc.weight);
  return {std::move(kept_states), std::move(kept), std::move(kept_labels)};
}

CompactLattice make_sorted(const std::vector<CompactLatticeEnd>& ends,
                           const std::vector<CompactLatticeArc>& arcs,
                           const std::vector<std::int32_t>& labels) {
  std::uint32_t highest = 0;
  for (const CompactLatticeArc& arc : arcs) highest = std::max({highest, arc.source, arc.target});
  for (const CompactLatticeEnd& end : ends) highest = std::max(highest, end.state);
  if (highest >= 2 * arcs.size() + ends.size()) {
    throw std::invalid_argument("CompactLattice: state " + std::to_string(highest) +
                                " is met, though the lattice names fewer states");
  }
  std::vector<CompactLatticeState> states(std::size_t{highest} + 1);
  for (const CompactLatticeEnd& end : ends) states[end.state].final = end.weight;
  return make_sorted(states, arcs, labels);
}

}  // namespace harpy

#include "decoder/lattice/compact_lattice.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "decoder/lattice/arc_order.hpp"
#include "decoder/lattice/path_costs.hpp"

namespace harpy {

namespace {

constexpr std::int32_t kUnknownFrame = -1;

}  // namespace

CompactLattice::CompactLattice(std::vector<CompactLatticeState> states,
                               std::vector<CompactLatticeArc> arcs,
                               std::vector<std::int32_t> labels)
    : states_(std::move(states)),
      arcs_(std::move(arcs)),
      labels_(std::move(labels)),
      arc_begins_(checked_arc_begins(arcs_, states_.size(), "CompactLattice")) {
  for (const CompactLatticeState& state : states_) check_labels(state.final);
  for (const CompactLatticeArc& arc : arcs_) check_labels(arc.weight);
  find_frames();
}

void CompactLattice::check_labels(const CompactWeight& weight) const {
  if (weight.labels_begin <= weight.labels_end && weight.labels_end <= labels_.size()) return;
  throw std::invalid_argument("CompactLattice: labels " + std::to_string(weight.labels_begin) +
                              " to " + std::to_string(weight.labels_end) + " of " +
                              std::to_string(labels_.size()));
}

void CompactLattice::find_frames() {
  for (CompactLatticeState& state : states_) state.frame = kUnknownFrame;
  if (!states_.empty()) states_[0].frame = 0;
  for (const CompactLatticeArc& arc : arcs_) {
    const std::int32_t begin = std::max(states_[arc.source].frame, 0);
    const auto end = begin + static_cast<std::int32_t>(labels(arc.weight).size());
    std::int32_t& frame = states_[arc.target].frame;
    if (frame != kUnknownFrame && frame != end) {
      throw std::invalid_argument(
          "CompactLattice: the ways to state " + std::to_string(arc.target) + " have labels for " +
          std::to_string(frame) + " and for " + std::to_string(end) + " frames");
    }
    frame = end;
  }
  for (CompactLatticeState& state : states_) state.frame = std::max(state.frame, 0);
}

std::vector<double> costs_to_end(const CompactLattice& lattice) {
  return least_costs_to_end(lattice);
}

CompactLattice prune(const CompactLattice& lattice, double beam) {
  if (!(beam >= 0.0)) {
    throw std::invalid_argument("prune: expected a beam of at least 0, got " +
                                std::to_string(beam));
  }
  const std::vector<double> from_start = least_costs_from_start(lattice);
  const std::vector<double> to_end = costs_to_end(lattice);
  if (lattice.empty() || std::isinf(to_end[0])) return {};
  const double limit = to_end[0] + beam + kCostRounding;

  constexpr std::uint32_t kDropped = std::numeric_limits<std::uint32_t>::max();
  std::vector<std::uint32_t> places(lattice.states().size(), kDropped);
  std::vector<CompactLatticeState> states;
  std::vector<CompactLatticeArc> arcs;
  std::vector<std::int32_t> labels;
  const auto keep_labels = [&](CompactWeight weight) {
    const auto kept = lattice.labels(weight);
    weight.labels_begin = static_cast<std::uint32_t>(labels.size());
    labels.insert(labels.end(), kept.begin(), kept.end());
    weight.labels_end = static_cast<std::uint32_t>(labels.size());
    return weight;
  };
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (!(from_start[i] + to_end[i] <= limit)) continue;
    places[i] = static_cast<std::uint32_t>(states.size());
    CompactLatticeState state;
    if (from_start[i] + lattice.states()[i].final_cost() <= limit) {
      state.final = keep_labels(lattice.states()[i].final);
    }
    states.push_back(state);
  }
  for (const CompactLatticeArc& arc : lattice.arcs()) {
    if (!(from_start[arc.source] + arc.cost() + to_end[arc.target] <= limit)) continue;
    if (places[arc.source] == kDropped || places[arc.target] == kDropped) continue;
    arcs.push_back({places[arc.source], places[arc.target], arc.word, keep_labels(arc.weight)});
  }
  return {std::move(states), std::move(arcs), std::move(labels)};
}

CompactLattice rescale(const CompactLattice& lattice, const CostScales& scales) {
  const auto scaled = [&](CompactWeight weight) {
    if (std::isinf(weight.cost())) return weight;
    weight.graph_cost *= scales.graph;
    weight.acoustic_cost *= scales.acoustic;
    return weight;
  };
  std::vector<CompactLatticeState> states(lattice.states().begin(), lattice.states().end());
  std::vector<CompactLatticeArc> arcs(lattice.arcs().begin(), lattice.arcs().end());
  for (CompactLatticeState& state : states) state.final = scaled(state.final);
  for (CompactLatticeArc& arc : arcs) arc.weight = scaled(arc.weight);
  return {std::move(states), std::move(arcs), {lattice.labels().begin(), lattice.labels().end()}};
}

}  // namespace harpy

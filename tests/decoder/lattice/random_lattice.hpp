#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <random>
#include <set>
#include <vector>

#include "decoder/lattice/compact_lattice.hpp"
#include "decoder/lattice/lattice.hpp"

namespace harpy::testing {

/// A raw lattice of a few frames and words, with arcs within frames and to the next one. Costs are
/// multiples of 1/4, so that sums are exact and ties frequent.
inline Lattice random_raw_lattice(std::mt19937& random) {
  const auto below = [&](std::uint32_t bound) {
    return static_cast<std::uint32_t>(random() % bound);
  };
  const auto cost = [&] { return static_cast<float>(below(20)) * 0.25F; };
  std::vector<LatticeState> states(1);
  const auto frame_count = static_cast<std::int32_t>(1 + below(4));
  for (std::int32_t frame = 0; frame <= frame_count; ++frame) {
    for (std::uint32_t i = below(3) + (frame == 0 ? 0 : 1); i > 0; --i) {
      states.push_back({.frame = frame});
    }
  }
  std::vector<LatticeArc> arcs;
  const auto state_count = static_cast<std::uint32_t>(states.size());
  for (std::uint32_t source = 0; source < state_count; ++source) {
    LatticeState& state = states[source];
    if (state.frame == frame_count && below(2) == 0) state.final_cost = cost();
    for (std::uint32_t target = source + 1; target < state_count; ++target) {
      const std::int32_t frames = states[target].frame - state.frame;
      for (std::uint32_t i = below(3); i > 0 && frames <= 1; --i) {
        arcs.push_back({.source = source,
                        .target = target,
                        .input = frames == 0 ? 0 : static_cast<std::int32_t>(1 + below(2)),
                        .output = static_cast<std::int32_t>(below(3)),
                        .graph_cost = cost(),
                        .acoustic_cost = frames == 0 ? 0.0F : cost()});
      }
    }
  }
  return {std::move(states), std::move(arcs)};
}

/// A word sequence's least cost, and the labels of the paths that have it.
struct BestAlignments {
  double cost = kInfiniteCost;
  std::set<std::vector<std::int32_t>> labels;
};
using WordSequences = std::map<std::vector<std::int32_t>, BestAlignments>;

/// One path of a lattice.
struct EnumeratedPath {
  std::vector<std::int32_t> words;
  std::vector<std::int32_t> labels;
  double cost = 0.0;
};

inline void append_paths(const Lattice& lattice, std::uint32_t state, const EnumeratedPath& before,
                         std::vector<EnumeratedPath>& paths) {
  if (const double end = lattice.states()[state].final_cost; !std::isinf(end)) {
    paths.push_back(before);
    paths.back().cost += end;
  }
  for (const LatticeArc& arc : lattice.arcs_from(state)) {
    EnumeratedPath path = before;
    if (arc.output != 0) path.words.push_back(arc.output);
    if (arc.input != 0) path.labels.push_back(arc.input);
    path.cost += arc.cost();
    append_paths(lattice, arc.target, path, paths);
  }
}

inline void append_paths(const CompactLattice& lattice, std::uint32_t state,
                         const EnumeratedPath& before, std::vector<EnumeratedPath>& paths) {
  const auto extended = [&](const CompactWeight& weight) {
    EnumeratedPath path = before;
    const auto labels = lattice.labels(weight);
    path.labels.insert(path.labels.end(), labels.begin(), labels.end());
    path.cost += weight.cost();
    return path;
  };
  const CompactWeight& final = lattice.states()[state].final;
  if (!std::isinf(final.cost())) paths.push_back(extended(final));
  for (const CompactLatticeArc& arc : lattice.arcs_from(state)) {
    EnumeratedPath path = extended(arc.weight);
    if (arc.word != 0) path.words.push_back(arc.word);
    append_paths(lattice, arc.target, path, paths);
  }
}

/// Every path of a lattice, by walking them all.
template <typename AnyLattice>
std::vector<EnumeratedPath> all_paths(const AnyLattice& lattice) {
  std::vector<EnumeratedPath> paths;
  if (!lattice.empty()) append_paths(lattice, 0, {}, paths);
  return paths;
}

/// Every word sequence of a lattice, by walking every path.
template <typename AnyLattice>
WordSequences all_sequences(const AnyLattice& lattice) {
  WordSequences sequences;
  for (const EnumeratedPath& path : all_paths(lattice)) {
    BestAlignments& best = sequences[path.words];
    if (path.cost < best.cost) best = {path.cost, {}};
    if (path.cost == best.cost) best.labels.insert(path.labels);
  }
  return sequences;
}

}  // namespace harpy::testing

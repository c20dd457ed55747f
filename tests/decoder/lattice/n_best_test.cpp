#include "decoder/lattice/n_best.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <random>

namespace harpy {
namespace {

/// A lattice whose states have a few arcs to later states; costs are multiples of 1/4, so sums are
/// exact.
Lattice random_lattice(std::mt19937& random) {
  const std::uint32_t state_count = 2 + static_cast<std::uint32_t>(random() % 9);
  std::vector<LatticeState> states(state_count);
  std::vector<LatticeArc> arcs;
  for (std::uint32_t source = 0; source < state_count; ++source) {
    if (random() % 3 == 0) states[source].final_cost = static_cast<float>(random() % 8) * 0.25F;
    if (source + 1 == state_count) break;
    for (std::size_t i = random() % 4; i > 0; --i) {
      LatticeArc& arc = arcs.emplace_back();
      arc.source = source;
      arc.target = source + 1 + static_cast<std::uint32_t>(random() % (state_count - source - 1));
      arc.output = static_cast<std::int32_t>(random() % 3);
      arc.graph_cost = static_cast<float>(random() % 20) * 0.25F;
      arc.acoustic_cost = static_cast<float>(random() % 20) * 0.25F;
    }
  }
  return {std::move(states), std::move(arcs)};
}

/// Least cost of each word sequence, by walking every path.
void collect(const Lattice& lattice, std::uint32_t state, double cost,
             std::vector<std::int32_t>& words, std::map<std::vector<std::int32_t>, double>& found) {
  const double end_cost = cost + lattice.states()[state].final_cost;
  if (!std::isinf(end_cost)) {
    const auto [place, added] = found.try_emplace(words, end_cost);
    place->second = std::min(place->second, end_cost);
  }
  for (const LatticeArc& arc : lattice.arcs_from(state)) {
    if (arc.output != 0) words.push_back(arc.output);
    collect(lattice, arc.target, cost + arc.cost(), words, found);
    if (arc.output != 0) words.pop_back();
  }
}

double cost_of_arcs(const Lattice& lattice, const std::vector<std::uint32_t>& arcs) {
  double cost = 0.0;
  std::uint32_t state = 0;
  for (const std::uint32_t arc : arcs) {
    EXPECT_EQ(lattice.arcs()[arc].source, state);
    cost += lattice.arcs()[arc].cost();
    state = lattice.arcs()[arc].target;
  }
  return cost + lattice.states()[state].final_cost;
}

TEST(NBest, EqualsTheSortedListOfAllWordSequences) {
  std::mt19937 random(1);
  for (int i = 0; i < 500; ++i) {
    SCOPED_TRACE(i);
    const Lattice lattice = random_lattice(random);
    std::map<std::vector<std::int32_t>, double> all;
    std::vector<std::int32_t> words;
    collect(lattice, 0, 0.0, words, all);
    std::vector<double> costs;
    for (const auto& [sequence, cost] : all) costs.push_back(cost);
    std::sort(costs.begin(), costs.end());

    const std::vector<LatticePath> paths = n_best(lattice, 1000);
    ASSERT_EQ(paths.size(), all.size());
    for (std::size_t rank = 0; rank < paths.size(); ++rank) {
      EXPECT_EQ(paths[rank].cost, costs[rank]);
      EXPECT_EQ(paths[rank].cost, all.at(paths[rank].words));
      EXPECT_EQ(paths[rank].cost, cost_of_arcs(lattice, paths[rank].arcs));
    }
    const std::size_t few = std::min<std::size_t>(3, all.size());
    EXPECT_EQ(n_best(lattice, 3).size(), few);
  }
}

TEST(NBest, BeginsWithTheBestPath) {
  std::mt19937 random(2);
  for (int i = 0; i < 500; ++i) {
    const Lattice lattice = random_lattice(random);
    const LatticePath best = best_path(lattice);
    const std::vector<LatticePath> paths = n_best(lattice, 1);
    EXPECT_EQ(paths.empty(), std::isinf(best.cost));
    if (paths.empty()) continue;
    EXPECT_EQ(best.cost, paths[0].cost);
    EXPECT_EQ(best.cost, cost_of_arcs(lattice, best.arcs));
  }
}

TEST(NBest, OfAnEmptyLatticeIsEmpty) {
  EXPECT_TRUE(n_best(Lattice(), 5).empty());
  EXPECT_TRUE(std::isinf(best_path(Lattice()).cost));
}

TEST(NBest, TakesLongLattices) {
  constexpr std::uint32_t kLength = 200000;
  std::vector<LatticeState> states(kLength + 1);
  states.back().final_cost = 0.0F;
  std::vector<LatticeArc> arcs(kLength);
  for (std::uint32_t i = 0; i < kLength; ++i) {
    arcs[i] = {.source = i, .target = i + 1, .output = i % 1000 == 0 ? 1 : 0};
  }
  const Lattice lattice(std::move(states), std::move(arcs));
  EXPECT_EQ(n_best(lattice, 2).size(), 1U);
  EXPECT_EQ(best_path(lattice).words.size(), 200U);
}

}  // namespace
}  // namespace harpy

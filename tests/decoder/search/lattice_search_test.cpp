#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include "decoder/lattice/n_best.hpp"
#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/decoder/search/reference_search.hpp"

namespace harpy {
namespace {

using testing::expect_same_lattice;
using testing::RandomCase;
using testing::run_search;
using testing::Scores;

/// Labels, words and graph costs along a path: what tells it from others.
using Signature = std::vector<std::tuple<std::int32_t, std::int32_t, float>>;
using Paths = std::map<Signature, double>;

/// All paths of a graph for the scores, with their costs.
void walk_graph(const GraphView& graph, const Scores& scores, bool final, std::int32_t state,
                std::size_t frame, double cost, Signature& signature, Paths& paths) {
  if (frame == scores.size()) {
    const double end_cost = cost + (final ? double{graph.final_cost[state]} : 0.0);
    if (!std::isinf(end_cost)) {
      const auto [place, added] = paths.try_emplace(signature, end_cost);
      place->second = std::min(place->second, end_cost);
    }
  }
  for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
    const Arc& arc = graph.arcs[i];
    if (arc.input != 0 && frame == scores.size()) continue;
    const double acoustic =
        arc.input == 0 ? 0.0 : -scores[frame][static_cast<std::size_t>(arc.input - 1)];
    signature.emplace_back(arc.input, arc.output, arc.cost);
    walk_graph(graph, scores, final, arc.target, frame + (arc.input != 0 ? 1 : 0),
               cost + arc.cost + acoustic, signature, paths);
    signature.pop_back();
  }
}

void walk_lattice(const Lattice& lattice, std::uint32_t state, double cost, Signature& signature,
                  Paths& paths) {
  const double end_cost = cost + lattice.states()[state].final_cost;
  if (!std::isinf(end_cost)) {
    const auto [place, added] = paths.try_emplace(signature, end_cost);
    place->second = std::min(place->second, end_cost);
  }
  for (const LatticeArc& arc : lattice.arcs_from(state)) {
    signature.emplace_back(arc.input, arc.output, arc.graph_cost);
    walk_lattice(lattice, arc.target, cost + arc.cost(), signature, paths);
    signature.pop_back();
  }
}

BeamSearchOptions unpruned(float lattice_beam) {
  return {.beam = std::numeric_limits<float>::infinity(),
          .lattice_beam = lattice_beam,
          .max_active = std::numeric_limits<std::int32_t>::max(),
          .min_active = 0,
          .keep_lattice = true};
}

TEST(SearchLattice, HoldsAllPathsWithinTheLatticeBeamAndEachWithItsCost) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase random(seed);
    random.scores.resize(std::min<std::size_t>(random.scores.size(), 3));
    const float lattice_beam = static_cast<float>(seed % 5);
    const auto search = make_cpu_beam_search(random.graph, unpruned(lattice_beam));
    const auto stream = run_search(*search, random.scores, 1 + seed % 2);
    const BestPath best = search->best_path(*stream, true);
    const Lattice lattice = search->lattice(*stream);
    EXPECT_EQ(lattice.empty(), std::isinf(best.cost));
    if (lattice.empty()) continue;

    Paths expected;
    Signature signature;
    const GraphView& graph = random.graph->view();
    walk_graph(graph, random.scores, best.reached_final, graph.start, 0, 0.0, signature, expected);
    Paths got;
    walk_lattice(lattice, 0, 0.0, signature, got);
    constexpr double kRounding = 1e-4;
    for (const auto& [path, cost] : expected) {
      if (cost < best.cost + lattice_beam - kRounding) {
        EXPECT_TRUE(got.contains(path)) << cost - best.cost;
      }
    }
    for (const auto& [path, cost] : got) {
      ASSERT_TRUE(expected.contains(path));
      EXPECT_NEAR(cost, expected.at(path), kRounding);
    }
    EXPECT_NEAR(best_path(lattice).cost, best.cost, kRounding);
  }
}

TEST(SearchLattice, DoesNotDependOnWhereBlocksEnd) {
  std::mt19937 random(7);
  const auto graph = testing::random_graph(random, {.state_count = 60, .arcs_per_state = 5});
  const Scores scores = testing::random_scores(random, 200, 5, false);
  const auto search = make_cpu_beam_search(
      graph, {.beam = 8.0F, .lattice_beam = 3.0F, .min_active = 0, .keep_lattice = true});
  const Lattice whole = search->lattice(*run_search(*search, scores, 1000));
  EXPECT_GT(whole.arcs().size(), 1000U);
  for (const std::size_t block_frames : {1, 7, 64}) {
    expect_same_lattice(search->lattice(*run_search(*search, scores, block_frames)), whole);
  }
}

TEST(SearchLattice, LeavesTheBestPathAsItIs) {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    BeamSearchOptions options = random.options;
    const auto plain = make_cpu_beam_search(random.graph, options);
    options.keep_lattice = true;
    const auto keeping = make_cpu_beam_search(random.graph, options);
    testing::expect_same_path(keeping->best_path(*run_search(*keeping, random.scores, 2), true),
                              plain->best_path(*run_search(*plain, random.scores, 2), true));
  }
}

TEST(SearchLattice, IsEmptyWithoutPathAndRefusedWithoutBeingKept) {
  const RandomCase random(1);
  const auto keeping = make_cpu_beam_search(random.graph, {.keep_lattice = true});
  EXPECT_TRUE(keeping->lattice(*keeping->open()).empty());
  const auto plain = make_cpu_beam_search(random.graph, {});
  EXPECT_THROW(plain->lattice(*plain->open()), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

#include "decoder/search/make_beam_search.hpp"
#include "tests/decoder/search/random_search.hpp"
#include "tests/decoder/search/reference_search.hpp"

// Streams with graphs and phrases of their own.

namespace harpy {
namespace {

using testing::brute_force_cost;
using testing::expect_same_lattice;
using testing::expect_same_path;
using testing::random_phrases;
using testing::random_steering;
using testing::RandomCase;
using testing::reference_best_path;
using testing::run_search;

constexpr BeamSearchOptions kSteeredUnpruned{.beam = std::numeric_limits<float>::infinity(),
                                             .max_active = std::numeric_limits<std::int32_t>::max(),
                                             .min_active = 0};

TEST(SteeredSearch, EqualsTheReferenceWithPhrases) {
  std::mt19937 random(4);
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase drawn(seed);
    const auto phrases = random_phrases(random);
    drawn.options.keep_lattice = seed % 3 == 0;
    const auto search = make_cpu_beam_search(drawn.graph, drawn.options);
    const auto stream = run_search(*search, drawn.scores, 1 + seed % 3, {.phrases = phrases});
    for (const bool final : {true, false}) {
      expect_same_path(search->best_path(*stream, final),
                       reference_best_path({drawn.graph->view(), {.phrases = phrases}},
                                           drawn.scores, drawn.options, final));
    }
  }
}

TEST(SteeredSearch, FindsTheBestOfAllPathsWithPhrases) {
  std::mt19937 random(5);
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase drawn(seed);
    drawn.scores.resize(std::min<std::size_t>(drawn.scores.size(), 4));
    const auto phrases = random_phrases(random);
    const auto search = make_cpu_beam_search(drawn.graph, kSteeredUnpruned);
    const auto stream = run_search(*search, drawn.scores, 2, {.phrases = phrases});
    const double cost =
        brute_force_cost({drawn.graph->view(), {.phrases = phrases}}, drawn.scores, 1.0F, true);
    const BestPath path = search->best_path(*stream, true);
    EXPECT_EQ(path.reached_final, !std::isinf(cost));
    if (path.reached_final) {
      EXPECT_NEAR(path.cost, cost, 1e-4);
    }
  }
}

TEST(SteeredSearch, EqualsTheReferenceWithAddedWords) {
  std::mt19937 random(7);
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase drawn(seed);
    const StreamSteering steering = random_steering(random, *drawn.graph);
    drawn.options.keep_lattice = seed % 3 == 0;
    const auto search = make_cpu_beam_search(drawn.graph, drawn.options);
    const auto stream = run_search(*search, drawn.scores, 1 + seed % 3, steering);
    for (const bool final : {true, false}) {
      expect_same_path(
          search->best_path(*stream, final),
          reference_best_path({drawn.graph->view(), steering}, drawn.scores, drawn.options, final));
    }
  }
}

TEST(SteeredSearch, TheLatticesBestPathIsTheSearchsWithPhrases) {
  std::mt19937 random(6);
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase drawn(seed);
    drawn.options.keep_lattice = true;
    const auto phrases = random_phrases(random);
    const auto search = make_cpu_beam_search(drawn.graph, drawn.options);
    const auto stream = run_search(*search, drawn.scores, 2, {.phrases = phrases});
    const Lattice lattice = search->lattice(*stream);
    const BestPath path = search->best_path(*stream, true);
    EXPECT_EQ(lattice.empty(), std::isinf(path.cost));
    if (lattice.empty()) continue;
    std::vector<double> costs(lattice.states().size(), kInfiniteCost);
    costs[0] = 0.0;
    for (const LatticeArc& arc : lattice.arcs()) {
      const double cost = costs[arc.source] + arc.graph_cost + arc.acoustic_cost;
      costs[arc.target] = std::min(costs[arc.target], cost);
    }
    double best = kInfiniteCost;
    for (std::size_t i = 0; i < costs.size(); ++i) {
      best = std::min(best, costs[i] + lattice.states()[i].final_cost);
    }
    EXPECT_NEAR(best, path.cost, 1e-3);
  }
}

TEST(SteeredSearch, NoPhrasesAndPhrasesOfOtherWordsChangeNothing) {
  const auto others =
      std::make_shared<PhraseAutomaton>(std::vector<BoostedPhrase>{{{700, 701}, 5.0F}});
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase drawn(seed);
    drawn.options.keep_lattice = true;
    const auto search = make_cpu_beam_search(drawn.graph, drawn.options);
    const auto plain = run_search(*search, drawn.scores, 2);
    const auto steered = run_search(*search, drawn.scores, 2, {.phrases = others});
    expect_same_path(search->best_path(*steered, true), search->best_path(*plain, true));
    expect_same_lattice(search->lattice(*steered), search->lattice(*plain));
  }
}

TEST(SteeredSearch, StreamsWithGraphsOfTheirOwnTakeTurns) {
  const RandomCase first(1);
  const auto search = make_cpu_beam_search(first.graph, first.options);
  for (std::uint32_t seed = 0; seed < 100; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase other(seed);
    const auto own = run_search(*search, first.scores, 2);
    const auto stream = run_search(*search, other.scores, 2, {.graph = other.graph});
    expect_same_path(search->best_path(*stream, true),
                     reference_best_path(other.graph->view(), other.scores, first.options, true));
    expect_same_path(search->best_path(*own, true),
                     reference_best_path(first.graph->view(), first.scores, first.options, true));
  }
}

TEST(SteeredSearch, RefusesAGraphOfOtherPdfs) {
  const RandomCase random(1);
  const auto search = make_cpu_beam_search(random.graph, random.options);
  GraphDescription other{
      .pdf_count = random.shape.pdf_count + 1, .arcs = {}, .final_costs = {0.0F}};
  EXPECT_THROW(search->open({.graph = std::make_shared<DecodingGraph>(other)}),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy

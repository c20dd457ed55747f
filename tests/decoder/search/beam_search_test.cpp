#include "decoder/search/beam_search_cpu.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/decoder/search/random_search.hpp"
#include "tests/decoder/search/reference_search.hpp"

namespace harpy {
namespace {

using testing::brute_force_cost;
using testing::expect_same_path;
using testing::RandomCase;
using testing::reference_best_path;
using testing::run_search;
using testing::Scores;

constexpr BeamSearchOptions kUnpruned{.beam = std::numeric_limits<float>::infinity(),
                                      .max_active = std::numeric_limits<std::int32_t>::max(),
                                      .min_active = 0};

TEST(BeamSearch, EqualsTheReferenceOnRandomGraphs) {
  for (std::uint32_t seed = 0; seed < 600; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    const auto search = make_cpu_beam_search(random.graph, random.options);
    const auto stream = run_search(*search, random.scores, 1 + seed % 3);
    for (const bool final : {true, false}) {
      expect_same_path(
          search->best_path(*stream, final),
          reference_best_path(random.graph->view(), random.scores, random.options, final));
    }
  }
}

TEST(BeamSearch, FindsTheBestOfAllPathsWhenNothingIsPruned) {
  for (std::uint32_t seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    RandomCase random(seed);
    random.scores.resize(std::min<std::size_t>(random.scores.size(), 4));
    const auto search = make_cpu_beam_search(random.graph, kUnpruned);
    const auto stream = run_search(*search, random.scores, 2);
    const double final_cost = brute_force_cost(random.graph->view(), random.scores, 1.0F, true);
    const BestPath path = search->best_path(*stream, true);
    EXPECT_EQ(path.reached_final, !std::isinf(final_cost));
    if (path.reached_final) {
      EXPECT_NEAR(path.cost, final_cost, 1e-4);
    }
    const double cost = brute_force_cost(random.graph->view(), random.scores, 1.0F, false);
    const BestPath partial = search->best_path(*stream, false);
    EXPECT_FALSE(partial.reached_final);
    if (std::isinf(cost)) {
      EXPECT_TRUE(std::isinf(partial.cost));
    } else {
      EXPECT_NEAR(partial.cost, cost, 1e-4);
    }
  }
}

}  // namespace
}  // namespace harpy

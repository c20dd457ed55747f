#include "decoder/search/make_beam_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <random>
#include <stdexcept>
#include <vector>

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

TEST(BeamSearch, DecidedStepsStayAndBeginEveryLaterPath) {
  std::size_t decided_count = 0;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const RandomCase random(seed);
    const auto pdf_count = static_cast<std::int64_t>(random.graph->view().pdf_count);
    const auto search = make_cpu_beam_search(random.graph, random.options);
    const auto stream = search->open();
    std::vector<PathStep> before;
    for (const std::vector<float>& frame : random.scores) {
      const SearchInput input{stream.get(), {frame.data(), Shape{1, pdf_count}}};
      search->advance({&input, 1});
      const auto decided = search->decided_steps(*stream);
      ASSERT_GE(decided.size(), before.size());
      for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(decided[i].frame, before[i].frame);
        EXPECT_EQ(decided[i].input, before[i].input);
        EXPECT_EQ(decided[i].output, before[i].output);
      }
      before.assign(decided.begin(), decided.end());
      for (const bool final : {false, true}) {
        const BestPath path = search->best_path(*stream, final);
        const BestPath end = search->best_end(*stream, final);
        EXPECT_EQ(path.steps.size(), end.exists() ? before.size() + end.steps.size() : 0);
        EXPECT_EQ(path.cost, end.cost);
      }
    }
    decided_count += before.size();
  }
  EXPECT_GT(decided_count, 0U);
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

/// A chain of three states, the last one final: pdf 0, then pdf 1 with word 7, then an epsilon arc
/// with word 8.
std::shared_ptr<const DecodingGraph> chain_graph() {
  GraphDescription graph;
  graph.pdf_count = 2;
  graph.arcs = {{0, {1, 1, 0, 0.5F}}, {1, {2, 2, 7, 0.25F}}, {2, {3, 0, 8, 0.125F}}};
  graph.final_costs = {kInfiniteCost, kInfiniteCost, kInfiniteCost, 1.0F};
  return std::make_shared<DecodingGraph>(graph);
}

TEST(BeamSearch, TellsFramesWordsAndCostsOfThePath) {
  const auto search = make_cpu_beam_search(chain_graph(), {.acoustic_scale = 0.5F});
  const auto stream = run_search(*search, {{-1.0F, -9.0F}, {-9.0F, -2.0F}}, 1);
  EXPECT_EQ(stream->frame_count(), 2);
  const BestPath path = search->best_path(*stream, true);
  EXPECT_TRUE(path.reached_final);
  EXPECT_EQ(path.graph_cost, 0.5 + 0.25 + 0.125 + 1.0);
  EXPECT_EQ(path.cost, path.graph_cost + 0.5 * 3.0);
  ASSERT_EQ(path.steps.size(), 3U);
  EXPECT_EQ(path.steps[1].frame, 1);
  EXPECT_EQ(path.steps[1].input, 2);
  EXPECT_EQ(path.steps[1].output, 7);
  EXPECT_EQ(path.steps[2].frame, 1);
  EXPECT_EQ(path.steps[2].input, 0);
  EXPECT_EQ(path.steps[2].output, 8);
}

TEST(BeamSearch, HasNoPathWhereTheGraphHasNone) {
  const auto search = make_cpu_beam_search(chain_graph(), {});
  const auto stream = run_search(*search, Scores(5, {0.0F, 0.0F}), 1);
  const BestPath path = search->best_path(*stream, true);
  EXPECT_FALSE(path.reached_final);
  EXPECT_TRUE(std::isinf(path.cost));
  EXPECT_TRUE(path.steps.empty());
}

TEST(BeamSearch, TakesScoresThatAreNotFiniteForImpossible) {
  for (const float score :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    const auto search = make_cpu_beam_search(chain_graph(), {});
    const auto stream = run_search(*search, {{score, 0.0F}}, 1);
    EXPECT_TRUE(std::isinf(search->best_path(*stream, false).cost));
  }
}

TEST(BeamSearch, AStreamThatHasSeenNothingHasAnEmptyPath) {
  const auto search = make_cpu_beam_search(chain_graph(), {});
  const auto stream = search->open();
  EXPECT_EQ(stream->frame_count(), 0);
  EXPECT_TRUE(search->best_path(*stream, true).steps.empty());
}

TEST(BeamSearch, StreamsThatTakeTurnsDoNotDisturbEachOther) {
  const RandomCase first(1);
  const auto search = make_cpu_beam_search(first.graph, first.options);
  std::vector<Scores> scores;
  std::vector<std::unique_ptr<SearchStream>> streams;
  std::mt19937 random(5);
  for (int i = 0; i < 3; ++i) {
    scores.push_back(testing::random_scores(random, 8, first.shape.pdf_count, false));
    streams.push_back(search->open());
  }
  for (std::size_t frame = 0; frame < 8; ++frame) {
    std::vector<SearchInput> batch;
    for (std::size_t i = 0; i < streams.size(); ++i) {
      batch.push_back(
          {streams[i].get(), {scores[i][frame].data(), Shape{1, first.shape.pdf_count}}});
    }
    search->advance(batch);
  }
  for (std::size_t i = 0; i < streams.size(); ++i) {
    expect_same_path(search->best_path(*streams[i], true),
                     reference_best_path(first.graph->view(), scores[i], first.options, true));
  }
}

TEST(BeamSearch, KeepsTheCostsOfALongStreamExact) {
  constexpr std::size_t kFrames = 40000;
  std::mt19937 random(11);
  const auto graph = testing::random_graph(random, {.state_count = 50, .arcs_per_state = 4});
  const Scores scores = testing::random_scores(random, kFrames, 5, false);
  const auto search = make_cpu_beam_search(graph, {.beam = 20.0F});
  const auto stream = run_search(*search, scores, 100);
  const BestPath path = search->best_path(*stream, false);
  double acoustic_cost = 0.0;
  for (const PathStep& step : path.steps) {
    if (step.input == 0) continue;
    acoustic_cost -=
        scores[static_cast<std::size_t>(step.frame)][static_cast<std::size_t>(step.input - 1)];
  }
  EXPECT_NEAR(path.cost, path.graph_cost + acoustic_cost, 1e-3);
}

TEST(BeamSearch, RefusesWhatDoesNotFit) {
  const auto search = make_cpu_beam_search(chain_graph(), {});
  const auto other = make_cpu_beam_search(chain_graph(), {});
  const auto stream = search->open();
  const auto foreign = other->open();
  std::vector<float> values(6);
  const ConstTensorView good{values.data(), {2, 2}};
  const auto advance = [&](std::vector<SearchInput> batch) { search->advance(batch); };
  EXPECT_THROW(advance({{stream.get(), {values.data(), {2, 3}}}}), std::invalid_argument);
  EXPECT_THROW(advance({{stream.get(), {values.data(), {2}}}}), std::invalid_argument);
  EXPECT_THROW(advance({{nullptr, good}}), std::invalid_argument);
  EXPECT_THROW(advance({{foreign.get(), good}}), std::invalid_argument);
  EXPECT_THROW(advance({{stream.get(), good}, {stream.get(), good}}), std::invalid_argument);
  EXPECT_THROW(search->best_path(*foreign, true), std::invalid_argument);
  EXPECT_EQ(stream->frame_count(), 0);
}

TEST(BeamSearch, RefusesOptionsOutOfRange) {
  for (const BeamSearchOptions& options :
       {BeamSearchOptions{.beam = 0.0F}, BeamSearchOptions{.beam = std::nanf("")},
        BeamSearchOptions{.lattice_beam = -1.0F}, BeamSearchOptions{.max_active = 0},
        BeamSearchOptions{.min_active = -1}, BeamSearchOptions{.max_active = 5, .min_active = 6},
        BeamSearchOptions{.acoustic_scale = 0.0F},
        BeamSearchOptions{.acoustic_scale = std::numeric_limits<float>::infinity()}}) {
    EXPECT_THROW(make_cpu_beam_search(chain_graph(), options), std::invalid_argument);
  }
}

}  // namespace
}  // namespace harpy

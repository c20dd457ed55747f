#include "decoder/path_sums/statewise_trellis.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "decoder/path_sums/forward_backward_cpu.hpp"
#include "decoder/path_sums/summation_graph.hpp"
#include "tests/decoder/sequence_loss/path_enumeration.hpp"

namespace harpy {
namespace {

using testing::TestArc;
using testing::TestGraph;

struct ScoredFrames {
  std::vector<float> scores;
  std::vector<float> gradient;
  double log_probability = 0.0;
};

std::vector<ScoredFrames> random_scored_frames(std::mt19937& random, std::size_t count,
                                               std::size_t pdfs) {
  std::vector<ScoredFrames> utterances(count);
  for (std::size_t u = 0; u < count; ++u) {
    const std::size_t frames = 1 + (u * 7) % 23;
    utterances[u].scores = testing::random_log_softmax(random, frames, pdfs);
    utterances[u].gradient.assign(frames * pdfs, 0.0F);
  }
  return utterances;
}

void sum_paths(const SummationGraph& graph, std::vector<ScoredFrames>& utterances) {
  std::vector<UtteranceScores> scores;
  for (ScoredFrames& u : utterances) {
    scores.push_back({u.scores.data(),
                      static_cast<std::int64_t>(u.scores.size()) / graph.pdf_count(),
                      u.gradient.data()});
  }
  std::vector<double> log_probabilities(utterances.size());
  CpuForwardBackward().evaluate(graph, scores, 1.0F, log_probabilities);
  for (std::size_t u = 0; u < utterances.size(); ++u) {
    utterances[u].log_probability = log_probabilities[u];
  }
}

/// Arcs among `states` states, each of which is entered by the pdf of its number alone.
std::vector<TestArc> random_statewise_arcs(std::mt19937& random, std::int32_t states,
                                           std::int32_t count, std::int32_t pdfs) {
  std::uniform_int_distribution<std::int32_t> any(0, states - 1);
  std::uniform_real_distribution<float> cost(0.0F, 5.0F);
  std::vector<TestArc> arcs;
  for (std::int32_t a = 0; a < count; ++a) {
    const std::int32_t target = any(random);
    arcs.push_back({a % states, {target, 1 + target % pdfs, 0, cost(random)}});
  }
  return arcs;
}

/// The same graph and a state that nothing leads to, with an epsilon arc: summed arc by arc.
TestGraph arcwise(std::vector<TestArc> arcs, std::vector<float> final_cost, std::int32_t pdfs) {
  arcs.push_back({static_cast<std::int32_t>(final_cost.size()), {0, 0, 0, 0.0F}});
  final_cost.push_back(kInfiniteCost);
  return {arcs, std::move(final_cost), pdfs};
}

TEST(StatewiseTrellis, EqualsTheSumsArcByArc) {
  constexpr std::int32_t kStates = 60, kOutputs = 20;
  std::mt19937 random(1);
  for (const std::int32_t arc_count : {1100, 1501}) {
    const std::vector<TestArc> arcs = random_statewise_arcs(random, kStates, arc_count, kOutputs);
    std::vector<float> final_cost(kStates, kInfiniteCost);
    for (std::size_t s = 0; s < kStates; s += 3) final_cost[s] = 1.5F;
    const TestGraph graph(arcs, final_cost, kOutputs);
    const TestGraph slow = arcwise(arcs, final_cost, kOutputs);
    const SummationGraph sums(graph.view());
    const SummationGraph slow_sums(slow.view());
    ASSERT_FALSE(sums.statewise().empty());
    ASSERT_TRUE(slow_sums.statewise().empty());
    std::vector<ScoredFrames> utterances = random_scored_frames(random, 37, kOutputs);
    std::vector<ScoredFrames> expected = utterances;
    sum_paths(sums, utterances);
    sum_paths(slow_sums, expected);
    for (std::size_t u = 0; u < utterances.size(); ++u) {
      EXPECT_NEAR(utterances[u].log_probability, expected[u].log_probability, 2e-5);
      for (std::size_t i = 0; i < utterances[u].gradient.size(); ++i) {
        ASSERT_NEAR(utterances[u].gradient[i], expected[u].gradient[i], 2e-6);
      }
    }
  }
}

TEST(StatewiseTrellis, GivesTheSameBitsAloneAndBesideUtterancesOfAnyLength) {
  constexpr std::int32_t kStates = 50, kOutputs = 30;
  std::mt19937 random(2);
  const TestGraph graph(random_statewise_arcs(random, kStates, 1200, kOutputs),
                        std::vector<float>(kStates, 0.0F), kOutputs);
  const SummationGraph sums(graph.view());
  ASSERT_FALSE(sums.statewise().empty());
  std::vector<ScoredFrames> together = random_scored_frames(random, 21, kOutputs);
  std::vector<ScoredFrames> alone = together;
  sum_paths(sums, together);
  for (std::size_t u = 0; u < alone.size(); ++u) {
    std::vector<ScoredFrames> one{alone[u]};
    sum_paths(sums, one);
    EXPECT_EQ(one[0].log_probability, together[u].log_probability) << "utterance " << u;
    EXPECT_EQ(one[0].gradient, together[u].gradient) << "utterance " << u;
  }
}

TEST(StatewiseTrellis, LeavesAloneWhatPlainFloatsCannotHold) {
  // A chain of pairs of states; the only way to the end takes 300 times pdf 1, which costs 200
  // each: the sums of that way are e^-60000 of those of the frame's largest.
  constexpr std::int32_t kSteps = 300;
  constexpr std::size_t kFrames = 500;
  std::vector<TestArc> arcs;
  for (std::int32_t step = 0; step <= kSteps; ++step) {
    for (const std::int32_t from : {2 * step, 2 * step + 1}) {
      arcs.push_back({from, {2 * step, 1, 0, 0.0F}});
      if (step < kSteps) arcs.push_back({from, {2 * step + 3, 2, 0, 0.0F}});
    }
  }
  std::vector<float> final_cost(2 * (kSteps + 1), kInfiniteCost);
  final_cost.back() = 0.0F;
  final_cost[2 * kSteps] = 0.0F;
  const TestGraph graph(arcs, final_cost, 2);
  const SummationGraph sums(graph.view());
  ASSERT_FALSE(sums.statewise().empty());
  std::vector<ScoredFrames> utterances(2);
  for (ScoredFrames& u : utterances) {
    u.scores.resize(2 * kFrames);
    u.gradient.assign(2 * kFrames, 0.0F);
  }
  for (std::size_t t = 0; t < kFrames; ++t) utterances[0].scores[2 * t + 1] = -200.0F;
  sum_paths(sums, utterances);
  // (500 over 300) paths of equal probability.
  const double choices = std::lgamma(501.0) - std::lgamma(301.0) - std::lgamma(201.0);
  EXPECT_NEAR(utterances[0].log_probability, -200.0 * kSteps + choices, 0.01);
  EXPECT_NEAR(utterances[1].log_probability, choices, 0.01);
  for (const ScoredFrames& u : utterances) {
    for (std::size_t t = 0; t < kFrames; ++t) {
      ASSERT_NEAR(u.gradient[2 * t + 1], 0.6F, 1e-4F) << "frame " << t;
      ASSERT_NEAR(u.gradient[2 * t], 0.4F, 1e-4F) << "frame " << t;
    }
  }
}

}  // namespace
}  // namespace harpy

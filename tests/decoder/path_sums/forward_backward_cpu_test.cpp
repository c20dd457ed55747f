#include "decoder/path_sums/forward_backward_cpu.hpp"

#include <gtest/gtest.h>

#include <array>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/decoder/sequence_loss/path_enumeration.hpp"

namespace harpy {
namespace {

using testing::Enumeration;
using testing::random_test_graph;
using testing::TestArc;
using testing::TestGraph;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

/// One utterance with room for its results.
struct Utterance {
  std::vector<float> scores;
  std::vector<float> gradient;
  double log_probability = 0.0;
};

Utterance random_utterance(std::mt19937& random, std::size_t frames, std::size_t pdfs) {
  Utterance utterance{testing::random_log_softmax(random, frames, pdfs), {}, 0.0};
  utterance.gradient.assign(frames * pdfs, 0.0F);
  return utterance;
}

void evaluate(const GraphView& graph, std::vector<Utterance>& utterances, float factor = 1.0F) {
  const SummationGraph summation_graph(graph);
  std::vector<UtteranceScores> scores;
  for (Utterance& u : utterances) {
    scores.push_back({u.scores.data(), static_cast<std::int64_t>(u.scores.size()) / graph.pdf_count,
                      u.gradient.data()});
  }
  std::vector<double> log_probabilities(utterances.size());
  CpuForwardBackward().evaluate(summation_graph, scores, factor, log_probabilities);
  for (std::size_t u = 0; u < utterances.size(); ++u) {
    utterances[u].log_probability = log_probabilities[u];
  }
}

void expect_equal(const Enumeration& expected, const Utterance& got) {
  if (expected.path_count == 0) {
    EXPECT_EQ(got.log_probability, -kInfinity);
  } else {
    EXPECT_NEAR(got.log_probability, std::log(expected.probability), 2e-6);
  }
  for (std::size_t i = 0; i < got.gradient.size(); ++i) {
    EXPECT_NEAR(got.gradient[i], expected.posteriors[i], 2e-6) << "at " << i;
  }
}

TEST(CpuForwardBackward, EqualsTheEnumerationOfAllPathsOnRandomGraphs) {
  std::mt19937 random(1);
  std::int64_t path_count = 0;
  for (int trial = 0; trial < 300; ++trial) {
    SCOPED_TRACE("trial " + std::to_string(trial));
    const TestGraph graph = random_test_graph(random, 5, 6 + trial % 9, 3);
    std::vector<Utterance> utterances;
    utterances.push_back(random_utterance(random, static_cast<std::size_t>(trial % 6), 3));
    evaluate(graph.view(), utterances);
    const Enumeration expected = testing::enumerate_paths(graph.view(), utterances[0].scores);
    expect_equal(expected, utterances[0]);
    path_count += expected.path_count;
  }
  EXPECT_GT(path_count, 10000);
}

TEST(CpuForwardBackward, GivesTheSameBitsAloneAndBesideUtterancesOfAnyLength) {
  std::mt19937 random(2);
  for (int trial = 0; trial < 20; ++trial) {
    const TestGraph graph = random_test_graph(random, 12, 60, 5);
    std::vector<Utterance> together;
    for (std::size_t u = 0; u < 37; ++u) {
      together.push_back(random_utterance(random, (u * 7) % 23, 5));
    }
    std::vector<Utterance> alone = together;
    evaluate(graph.view(), together);
    for (std::size_t u = 0; u < alone.size(); ++u) {
      std::vector<Utterance> one{alone[u]};
      evaluate(graph.view(), one);
      EXPECT_EQ(one[0].log_probability, together[u].log_probability) << "utterance " << u;
      EXPECT_EQ(one[0].gradient, together[u].gradient) << "utterance " << u;
    }
  }
}

TEST(CpuForwardBackward, PosteriorsAreTheNumericDerivativeOfTheLogProbability) {
  std::mt19937 random(3);
  const TestGraph graph = random_test_graph(random, 20, 100, 6);
  std::vector<Utterance> centre{random_utterance(random, 15, 6)};
  evaluate(graph.view(), centre);
  ASSERT_GT(centre[0].log_probability, -kInfinity);
  constexpr float kStep = 1.0F / 64.0F;
  for (std::size_t i = 0; i < centre[0].scores.size(); i += 7) {
    std::vector<Utterance> moved{centre[0], centre[0]};
    moved[0].scores[i] += kStep;
    moved[1].scores[i] -= kStep;
    evaluate(graph.view(), moved);
    const double slope = (moved[0].log_probability - moved[1].log_probability) / (2.0 * kStep);
    EXPECT_NEAR(slope, centre[0].gradient[i], 1e-4);
  }
}

TEST(CpuForwardBackward, AddsTheFactorTimesThePosterior) {
  std::mt19937 random(4);
  const std::vector<TestArc> arcs{{0, {0, 1, 0, 0.5F}}, {0, {0, 2, 0, 1.0F}}};
  const TestGraph graph(arcs, {0.0F}, 2);
  std::vector<Utterance> plain{random_utterance(random, 4, 2)};
  std::vector<Utterance> added = plain;
  added[0].gradient.assign(8, 10.0F);
  evaluate(graph.view(), plain);
  evaluate(graph.view(), added, -2.0F);
  for (std::size_t i = 0; i < 8; ++i) {
    EXPECT_FLOAT_EQ(added[0].gradient[i], 10.0F - 2.0F * plain[0].gradient[i]);
  }
}

TEST(CpuForwardBackward, LosesNoPathHoweverBadlyTheScoresFit) {
  // Loops in state 0 for nothing; the only way to the end leaves it 300 times by pdf 1, which costs
  // 200 each: the sums of the path are e^-60000 of the largest ones.
  constexpr std::int32_t kSteps = 300;
  constexpr std::size_t kFrames = 2000;
  std::vector<TestArc> arcs;
  for (std::int32_t s = 0; s <= kSteps; ++s) {
    arcs.push_back({s, {s, 1, 0, 0.0F}});
    if (s < kSteps) arcs.push_back({s, {s + 1, 2, 0, 0.0F}});
  }
  std::vector<float> final_cost(kSteps + 1, kInfiniteCost);
  final_cost.back() = 0.0F;
  const TestGraph graph(arcs, final_cost, 2);
  std::vector<Utterance> utterances(2);
  for (Utterance& u : utterances) {
    u.scores.resize(2 * kFrames);
    for (std::size_t t = 0; t < kFrames; ++t) u.scores[2 * t + 1] = -200.0F;
    u.gradient.assign(2 * kFrames, 0.0F);
  }
  evaluate(graph.view(), utterances);
  // (2000 over 300) paths of equal probability.
  const double choices = std::lgamma(2001.0) - std::lgamma(301.0) - std::lgamma(1701.0);
  for (const Utterance& u : utterances) {
    EXPECT_NEAR(u.log_probability, -200.0 * kSteps + choices, 0.01);
    for (std::size_t t = 0; t < kFrames; ++t) {
      ASSERT_NEAR(u.gradient[2 * t + 1], 0.15F, 1e-4F) << "frame " << t;
      ASSERT_NEAR(u.gradient[2 * t], 0.85F, 1e-4F) << "frame " << t;
    }
  }
}

TEST(CpuForwardBackward, KeepsItsPrecisionOverALongUtterance) {
  // Two states, each left by either pdf: everything is known in closed form.
  const std::vector<TestArc> arcs{
      {0, {0, 1, 0, 0.0F}}, {0, {1, 2, 0, 0.0F}}, {1, {0, 1, 0, 0.0F}}, {1, {1, 2, 0, 0.0F}}};
  const TestGraph graph(arcs, {0.0F, 0.0F}, 2);
  std::mt19937 random(5);
  std::vector<Utterance> utterances{random_utterance(random, 20000, 2)};
  evaluate(graph.view(), utterances);
  const Utterance& u = utterances[0];
  double expected = 0.0;
  for (std::size_t t = 0; t < 20000; ++t) {
    const double a = std::exp(double{u.scores[2 * t]}), b = std::exp(double{u.scores[2 * t + 1]});
    expected += std::log(a + b);
    ASSERT_NEAR(u.gradient[2 * t], a / (a + b), 1e-6);
  }
  EXPECT_NEAR(u.log_probability, expected, 2e-3);
}

TEST(CpuForwardBackward, AnUtteranceWithoutAPathOrWithBadScoresLeavesTheOthersAlone) {
  std::mt19937 random(6);
  const std::vector<TestArc> arcs{{0, {1, 1, 0, 0.0F}}, {1, {1, 2, 0, 0.5F}}};
  const TestGraph graph(arcs, {kInfiniteCost, 0.0F}, 2);
  std::vector<Utterance> utterances;
  for (int u = 0; u < 5; ++u) utterances.push_back(random_utterance(random, 3, 2));
  utterances.push_back(random_utterance(random, 0, 2));
  std::vector<Utterance> good{utterances[0]};
  evaluate(graph.view(), good);

  utterances[1].scores[0] = -kInfinity;
  utterances[2].scores[5] = std::numeric_limits<float>::quiet_NaN();
  utterances[3].scores[1] = kInfinity;
  utterances[4].scores[3] = -2e5F;
  evaluate(graph.view(), utterances);
  EXPECT_EQ(utterances[0].log_probability, good[0].log_probability);
  EXPECT_EQ(utterances[0].gradient, good[0].gradient);
  EXPECT_EQ(utterances[1].log_probability, -kInfinity);
  EXPECT_TRUE(std::isnan(utterances[2].log_probability));
  EXPECT_TRUE(std::isnan(utterances[3].log_probability));
  EXPECT_EQ(utterances[4].log_probability, -kInfinity);
  EXPECT_EQ(utterances[5].log_probability, -kInfinity);
  for (std::size_t u = 1; u < 5; ++u) EXPECT_EQ(utterances[u].gradient, std::vector<float>(6));
}

TEST(CpuForwardBackward, RefusesSizesThatDoNotFit) {
  const TestGraph graph({}, {0.0F}, 1);
  const SummationGraph summation_graph(graph.view());
  std::array<double, 2> log_probabilities{};
  const std::array<UtteranceScores, 1> negative{{{nullptr, -1, nullptr}}};
  const auto one = std::span(log_probabilities).first(1);
  CpuForwardBackward forward_backward;
  EXPECT_THROW(forward_backward.evaluate(summation_graph, negative, 1.0F, one),
               std::invalid_argument);
  EXPECT_THROW(forward_backward.evaluate(summation_graph, {}, 1.0F, one), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

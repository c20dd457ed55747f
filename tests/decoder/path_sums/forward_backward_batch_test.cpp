#include "decoder/path_sums/forward_backward_batch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "decoder/path_sums/forward_backward_cpu.hpp"
#include "decoder/path_sums/forward_backward_program.hpp"
#include "tests/decoder/sequence_loss/path_enumeration.hpp"
#include "tests/support/phase_teams.hpp"

// The program that a device runs to sum over paths gives, on the CPU and under every order of its
// threads, the same bits, and what the CPU's own forward-backward gives.

namespace harpy {
namespace {

using forward_backward::ForwardBackwardBatch;
using forward_backward::ForwardBackwardResult;
using forward_backward::ForwardBackwardTask;
using testing::AtomicAccess;
using testing::OrderedTeam;
using testing::random_test_graph;
using testing::TestGraph;
using testing::ThreadOrder;
using testing::ThreadTeam;

constexpr float kInfiniteScore = std::numeric_limits<float>::infinity();
constexpr float kBatchFactor = -0.5F;

/// An utterance, and what came out for it.
struct BatchUtterance {
  const SummationGraph* graph = nullptr;
  std::vector<float> scores, gradient;
  double log_probability = 0.0;

  UtteranceScores view() {
    return {scores.data(), static_cast<std::int64_t>(scores.size()) / graph->pdf_count(),
            gradient.data()};
  }
};

BatchUtterance random_utterance(std::mt19937& random, const SummationGraph& graph,
                                std::size_t frames) {
  const auto pdfs = static_cast<std::size_t>(graph.pdf_count());
  BatchUtterance utterance{&graph, testing::random_log_softmax(random, frames, pdfs), {}, 0.0};
  utterance.gradient.assign(frames * pdfs, 0.25F);
  return utterance;
}

/// Evaluates the utterances by the device's program; `sum` carries out one task.
template <typename Sum>
std::vector<BatchUtterance> evaluated(std::vector<BatchUtterance> utterances, const Sum& sum) {
  ForwardBackwardBatch batch;
  for (BatchUtterance& u : utterances)
    batch.add_utterance(batch.add_graph(*u.graph), u.view(), kBatchFactor);
  std::vector<ForwardBackwardResult> results(utterances.size());
  const std::vector<std::byte> graphs(batch.graph_bytes().begin(), batch.graph_bytes().end());
  std::vector<std::byte> memory(batch.memory_bytes(), std::byte{0xAB});
  for (const ForwardBackwardTask& task :
       batch.tasks({graphs.data(), memory.data(), results.data()})) {
    sum(task);
  }
  for (std::size_t u = 0; u < utterances.size(); ++u) {
    utterances[u].log_probability = forward_backward::log_probability(results[u]);
  }
  return utterances;
}

std::vector<BatchUtterance> evaluated_serially(const std::vector<BatchUtterance>& utterances) {
  return evaluated(utterances, [](const ForwardBackwardTask& task) {
    forward_backward::sum_over_paths<PlainAccess>(SerialExecutor{}, task);
  });
}

void expect_close(const BatchUtterance& got, const BatchUtterance& expected) {
  if (std::isinf(expected.log_probability)) {
    EXPECT_EQ(got.log_probability, expected.log_probability);
  } else {
    EXPECT_NEAR(got.log_probability, expected.log_probability,
                1e-6 * std::max(1.0, std::abs(expected.log_probability)));
  }
  ASSERT_EQ(got.gradient.size(), expected.gradient.size());
  for (std::size_t i = 0; i < got.gradient.size(); ++i) {
    ASSERT_NEAR(got.gradient[i], expected.gradient[i], 2e-6) << "at " << i;
  }
}

/// Random graphs of several sizes with utterances of several lengths.
class ForwardBackwardBatchTest : public ::testing::Test {
 protected:
  ForwardBackwardBatchTest() {
    for (const auto& [states, arcs, pdfs] : {std::tuple{1, 2, 1}, std::tuple{4, 12, 3},
                                             std::tuple{30, 150, 11}, std::tuple{300, 2500, 70}}) {
      graphs_.emplace_back(random_test_graph(random_, states, arcs, pdfs).view());
    }
    for (const SummationGraph& graph : graphs_) {
      for (const std::size_t frames : {0, 1, 2, 9, 40}) {
        utterances_.push_back(random_utterance(random_, graph, frames));
      }
    }
  }

  std::mt19937 random_{3};
  std::vector<SummationGraph> graphs_;
  std::vector<BatchUtterance> utterances_;
};

TEST_F(ForwardBackwardBatchTest, EqualsTheForwardBackwardOfTheCpu) {
  const std::vector<BatchUtterance> got = evaluated_serially(utterances_);
  int possible = 0;
  for (std::size_t u = 0; u < utterances_.size(); ++u) {
    SCOPED_TRACE("utterance " + std::to_string(u));
    BatchUtterance expected = utterances_[u];
    const UtteranceScores scores = expected.view();
    CpuForwardBackward().evaluate(*expected.graph, {&scores, 1}, kBatchFactor,
                                  {&expected.log_probability, 1});
    expect_close(got[u], expected);
    if (std::isfinite(expected.log_probability)) ++possible;
  }
  EXPECT_GT(possible, 8);
}

TEST_F(ForwardBackwardBatchTest, GivesTheSameBitsInEveryOrderAndNumberOfThreads) {
  const std::vector<BatchUtterance> expected = evaluated_serially(utterances_);
  const auto expect_same = [&](const std::vector<BatchUtterance>& got) {
    for (std::size_t u = 0; u < got.size(); ++u) {
      ASSERT_EQ(got[u].log_probability, expected[u].log_probability) << u;
      ASSERT_EQ(got[u].gradient, expected[u].gradient) << u;
    }
  };
  for (const std::uint32_t threads : {1U, 33U, 256U}) {
    for (const ThreadOrder order :
         {ThreadOrder::kForward, ThreadOrder::kReverse, ThreadOrder::kRandom}) {
      const OrderedTeam team(threads, order);
      expect_same(evaluated(utterances_, [&](const ForwardBackwardTask& task) {
        team.launch([&](const auto& executor) {
          forward_backward::sum_over_paths<PlainAccess>(executor, task);
        });
      }));
    }
  }
  const ThreadTeam team(3);
  expect_same(evaluated(utterances_, [&](const ForwardBackwardTask& task) {
    team.launch([&](const auto& executor) {
      forward_backward::sum_over_paths<AtomicAccess>(executor, task);
    });
  }));
}

TEST_F(ForwardBackwardBatchTest, TellsUtterancesApartThatCannotBeSummed) {
  std::vector<BatchUtterance> utterances(4, random_utterance(random_, graphs_[1], 5));
  utterances[1].scores[7] = std::numeric_limits<float>::quiet_NaN();
  utterances[2].scores[3] = 2e5F;
  std::fill(utterances[3].scores.begin(), utterances[3].scores.end(), -kInfiniteScore);
  const std::vector<BatchUtterance> got = evaluated_serially(utterances);
  EXPECT_TRUE(std::isfinite(got[0].log_probability));
  EXPECT_TRUE(std::isnan(got[1].log_probability));
  EXPECT_TRUE(std::isnan(got[2].log_probability));
  EXPECT_EQ(got[3].log_probability, -kInfiniteScore);
  EXPECT_NE(got[0].gradient, utterances[0].gradient);
  for (const std::size_t u : {1U, 2U, 3U}) EXPECT_EQ(got[u].gradient, utterances[u].gradient);
}

TEST_F(ForwardBackwardBatchTest, LosesNoPathHoweverBadlyTheScoresFit) {
  std::vector<BatchUtterance> utterances(1, random_utterance(random_, graphs_[3], 40));
  const double usual = evaluated_serially(utterances)[0].log_probability;
  for (float& score : utterances[0].scores) score -= 9e4F;
  const std::vector<BatchUtterance> got = evaluated_serially(utterances);
  EXPECT_NEAR(got[0].log_probability, usual - 40 * 9e4, 40.0);
  double sum = 0.0;
  for (const float value : got[0].gradient) sum += double{value} - 0.25;
  EXPECT_NEAR(sum, 40 * kBatchFactor, 1e-4);
}

TEST_F(ForwardBackwardBatchTest, RefusesFrameCountsAndGraphsThatAreNone) {
  ForwardBackwardBatch batch;
  EXPECT_EQ(batch.memory_bytes(), 0U);
  EXPECT_THROW(batch.add_utterance(0, {}, 1.0F), std::out_of_range);
  const std::size_t graph = batch.add_graph(graphs_[0]);
  EXPECT_THROW(batch.add_utterance(graph, {.frame_count = -1}, 1.0F), std::invalid_argument);
  EXPECT_THROW(batch.add_utterance(graph, {.frame_count = std::int64_t{1} << 31}, 1.0F),
               std::invalid_argument);
}

TEST_F(ForwardBackwardBatchTest, GivesOnEveryCudaDeviceWhatItGivesOnTheCpu) {
  const std::vector<BatchUtterance> expected = evaluated_serially(utterances_);
  bool any = false;
  for (const Device device : available_devices()) {
    if (device.kind != DeviceKind::kCuda) continue;
    any = true;
    const auto backend = create_backend({.device = device});
    ForwardBackwardBatch batch;
    std::vector<Tensor> scores, gradients;
    for (const BatchUtterance& u : utterances_) {
      const Shape shape{static_cast<std::int64_t>(u.scores.size()) / u.graph->pdf_count(),
                        u.graph->pdf_count()};
      scores.push_back(backend->from_host(shape, u.scores));
      gradients.push_back(backend->from_host(shape, u.gradient));
      batch.add_utterance(batch.add_graph(*u.graph),
                          {scores.back().data(), shape[0], gradients.back().data()}, kBatchFactor);
    }
    std::vector<double> log_probabilities(utterances_.size());
    forward_backward::evaluate_on_device(*backend, batch, log_probabilities);
    for (std::size_t u = 0; u < utterances_.size(); ++u) {
      BatchUtterance got = utterances_[u];
      got.gradient = backend->to_host(gradients[u]);
      got.log_probability = log_probabilities[u];
      expect_close(got, expected[u]);
    }
  }
  if (!any) GTEST_SKIP() << "needs a CUDA device: " << find_devices().cuda_obstacle;
}

TEST(ForwardBackwardOnDevices, RefusesTheCpu) {
  const auto backend = create_backend({});
  EXPECT_THROW(forward_backward::evaluate_on_device(*backend, {}, {}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

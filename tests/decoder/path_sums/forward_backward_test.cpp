#include "decoder/path_sums/forward_backward.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "decoder/path_sums/forward_backward_cpu.hpp"
#include "tests/decoder/sequence_loss/path_enumeration.hpp"

// The sums are the same whichever device and however many threads compute them, and whether
// utterances share a graph or have one each.

namespace harpy {
namespace {

constexpr std::size_t kPdfs = 7;
constexpr float kFactor = 0.5F;

/// Utterances of several lengths for one random graph, and what one thread of the CPU finds.
class ForwardBackwardTest : public ::testing::Test {
 protected:
  ForwardBackwardTest() : graph_(testing::random_test_graph(random_, 20, 120, kPdfs).view()) {
    for (std::size_t u = 0; u < 40; ++u) {
      scores_.push_back(testing::random_log_softmax(random_, frame_count(u), kPdfs));
      gradients_.emplace_back(frame_count(u) * kPdfs, 0.25F);
    }
    expected_gradients_ = gradients_;
    expected_.resize(scores_.size());
    CpuForwardBackward().evaluate(graph_, on_host(expected_gradients_), kFactor, expected_);
  }

  static std::size_t frame_count(std::size_t u) { return u * 5 % 23; }

  std::vector<UtteranceScores> on_host(std::vector<std::vector<float>>& gradients) const {
    std::vector<UtteranceScores> utterances;
    for (std::size_t u = 0; u < scores_.size(); ++u) {
      utterances.push_back(
          {scores_[u].data(), static_cast<std::int64_t>(frame_count(u)), gradients[u].data()});
    }
    return utterances;
  }

  std::mt19937 random_{5};
  SummationGraph graph_;
  std::vector<std::vector<float>> scores_, gradients_, expected_gradients_;
  std::vector<double> expected_;
};

TEST_F(ForwardBackwardTest, GivesTheBitsOfOneThreadOnAnyNumberOfThreads) {
  const auto backend = create_backend({});
  for (const int thread_count : {1, 3, 64}) {
    SCOPED_TRACE(thread_count);
    ForwardBackward forward_backward(thread_count);
    std::vector<std::vector<float>> gradients = gradients_;
    std::vector<double> log_probabilities(scores_.size());
    forward_backward.evaluate(*backend, graph_, on_host(gradients), kFactor, log_probabilities);
    EXPECT_EQ(log_probabilities, expected_);
    EXPECT_EQ(gradients, expected_gradients_);
  }
}

TEST_F(ForwardBackwardTest, GivesTheSameBitsWhereEachUtteranceHasAGraphOfItsOwn) {
  const auto backend = create_backend({});
  for (const int thread_count : {1, 3}) {
    SCOPED_TRACE(thread_count);
    ForwardBackward forward_backward(thread_count);
    std::vector<std::vector<float>> gradients = gradients_;
    std::vector<double> log_probabilities(scores_.size());
    const auto make_graph = [&](std::size_t thread, std::size_t utterance, SummationGraph& graph) {
      EXPECT_LT(thread, static_cast<std::size_t>(thread_count));
      EXPECT_LT(utterance, scores_.size());
      graph = graph_;
    };
    forward_backward.evaluate(*backend, make_graph, on_host(gradients), kFactor, log_probabilities);
    EXPECT_EQ(log_probabilities, expected_);
    EXPECT_EQ(gradients, expected_gradients_);
  }
}

TEST_F(ForwardBackwardTest, ComputesOnTheBackendsDevice) {
  bool any = false;
  for (const Device device : available_devices()) {
    if (device.kind == DeviceKind::kCpu) continue;
    any = true;
    const auto backend = create_backend({.device = device});
    std::vector<Tensor> scores, gradients;
    std::vector<UtteranceScores> utterances;
    for (std::size_t u = 0; u < scores_.size(); ++u) {
      const Shape shape{static_cast<std::int64_t>(frame_count(u)), kPdfs};
      scores.push_back(backend->from_host(shape, scores_[u]));
      gradients.push_back(backend->from_host(shape, gradients_[u]));
      utterances.push_back({scores.back().data(), shape[0], gradients.back().data()});
    }
    std::vector<double> log_probabilities(scores_.size());
    ForwardBackward().evaluate(*backend, graph_, utterances, kFactor, log_probabilities);
    for (std::size_t u = 0; u < scores_.size(); ++u) {
      SCOPED_TRACE(to_string(device) + ", utterance " + std::to_string(u));
      if (std::isinf(expected_[u])) {
        EXPECT_EQ(log_probabilities[u], expected_[u]);
      } else {
        EXPECT_NEAR(log_probabilities[u], expected_[u], 1e-5);
      }
      const std::vector<float> gradient = backend->to_host(gradients[u]);
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        ASSERT_NEAR(gradient[i], expected_gradients_[u][i], 2e-6) << "at " << i;
      }
    }
  }
  if (!any) GTEST_SKIP() << "needs a CUDA device: " << find_devices().cuda_obstacle;
}

TEST_F(ForwardBackwardTest, RefusesThreadCountsBelowOneAndSizesThatDiffer) {
  EXPECT_THROW(ForwardBackward(0), std::invalid_argument);
  const auto backend = create_backend({});
  std::vector<double> too_few(scores_.size() - 1);
  EXPECT_THROW(ForwardBackward().evaluate(*backend, graph_, on_host(gradients_), kFactor, too_few),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include "acoustic/losses/cross_entropy.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"
#include "tests/acoustic/gradient_check.hpp"

namespace harpy::testing {
namespace {

TEST(CrossEntropyLoss, HasTheValueAndGradientOfItsFormula) {
  const auto backend = create_backend({});
  std::mt19937 random(3);
  Tensor head = random_tensor(*backend, {2, 3, 4}, random);
  Tensor other = random_tensor(*backend, {2, 3, 5}, random);
  const std::vector<LossTarget> targets{{{0, 3, -1}}, {{1, 1, 2}}};
  std::vector<Tensor> gradients;
  gradients.push_back(backend->empty(other.shape()));
  gradients.push_back(backend->empty(head.shape()));
  const std::vector<TensorView> gradient_views{gradients[0], gradients[1]};
  CrossEntropy loss(1);
  const auto evaluate = [&] {
    const std::vector<ConstTensorView> heads{other, head};
    return loss.evaluate(*backend, heads, targets, gradient_views);
  };
  const LossValue value = evaluate();
  const auto x = backend->to_host(head);
  EXPECT_NEAR(value.total, -(x[0] + x[7] + x[13] + x[17] + x[22]), 1e-6);
  EXPECT_EQ(value.frames, 5);
  EXPECT_EQ(value.skipped, 0);
  EXPECT_THAT(backend->to_host(gradients[0]), ::testing::Each(0.0F));
  const auto analytic = backend->to_host(gradients[1]);
  expect_gradient(
      *backend, [&] { return evaluate().total; }, head, analytic, "head", random);
}

TEST(CrossEntropyLoss, RefusesTargetsThatDoNotFit) {
  const auto backend = create_backend({});
  const Tensor head = backend->zeros({1, 2, 3});
  Tensor gradient = backend->zeros({1, 2, 3});
  const auto evaluate = [&](std::size_t index, const std::vector<LossTarget>& targets) {
    CrossEntropy(index).evaluate(*backend, std::vector<ConstTensorView>{head}, targets,
                                 std::vector<TensorView>{gradient});
  };
  EXPECT_THROW(evaluate(1, {{{0, 0}}}), std::invalid_argument);
  EXPECT_THROW(evaluate(0, {}), std::invalid_argument);
  EXPECT_THROW(evaluate(0, {{{0}}}), std::invalid_argument);
  EXPECT_THROW(evaluate(0, {{{0, 3}}}), std::invalid_argument);
}

/// Whether the mean of the two frames before and after is rising or falling, in two classes.
TEST(SmallTraining, LearnsWhichWayAValueMovesWithinAFewHundredSteps) {
  const auto backend = create_backend({});
  Network network(*backend,
                  boost::json::parse(R"({"input_dim": 1, "trunk": [
      {"type": "convolution", "output_dim": 16, "kernel": 3},
      {"type": "batch_norm"}, {"type": "relu"}],
      "heads": {"out": [{"type": "linear", "output_dim": 2}, {"type": "log_softmax"}]}})")
                      .as_object(),
                  1);
  network.prepare_training(*backend);
  Adam adam;
  CrossEntropy loss;
  std::mt19937 random(9);
  constexpr std::int64_t kSequences = 8, kFrames = 25;
  const auto draw = [&](std::vector<LossTarget>& targets) {
    const std::vector<float> x = random_values(kSequences * kFrames, random);
    targets.assign(kSequences, {});
    for (std::int64_t i = 0; i < kSequences * kFrames; ++i) {
      const std::int64_t t = i % kFrames;
      const float before = t > 0 ? x[i - 1] : 0.0F;
      const float after = t + 1 < kFrames ? x[i + 1] : 0.0F;
      targets[i / kFrames].labels.push_back(after > before ? 1 : 0);
    }
    return backend->from_host({kSequences, kFrames, 1}, x);
  };
  std::vector<LossTarget> targets;
  for (int step = 0; step < 600; ++step) {
    const Tensor x = draw(targets);
    network.zero_gradients(*backend);
    NetworkSaved saved;
    const std::vector<Tensor> heads = network.forward(*backend, x, &saved);
    std::vector<Tensor> gradients;
    gradients.push_back(backend->empty(heads[0].shape()));
    loss.evaluate(*backend, std::vector<ConstTensorView>{heads[0]}, targets,
                  std::vector<TensorView>{gradients[0]});
    backend->scale(1.0F / (kSequences * kFrames), gradients[0]);
    network.backward(*backend, gradients, saved);
    adam.step(*backend, network.parameters(), step < 400 ? 0.02F : 0.002F);
  }
  int right = 0;
  for (int round = 0; round < 10; ++round) {
    const Tensor x = draw(targets);
    const auto output = backend->to_host(network.forward(*backend, x, nullptr)[0]);
    for (std::int64_t i = 0; i < kSequences * kFrames; ++i) {
      const int label = output[2 * i + 1] > output[2 * i] ? 1 : 0;
      if (label == targets[i / kFrames].labels[i % kFrames]) ++right;
    }
  }
  EXPECT_GE(right, 10 * kSequences * kFrames * 99 / 100);
}

}  // namespace
}  // namespace harpy::testing

// Training with factors rounded to bfloat16 gets about where float32 gets, on every device.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <random>

#include "acoustic/layers/semi_orthogonal.hpp"
#include "acoustic/losses/cross_entropy.hpp"
#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

constexpr std::int64_t kTrainedSequences = 4, kTrainedFrames = 40, kDim = 12, kTrainedClasses = 5;
constexpr int kSteps = 60;

boost::json::object trained_description() {
  return boost::json::parse(R"({"input_dim": 12, "trunk": [
      {"type": "convolution_2d", "bins": 12, "output_channels": 3, "kernel_time": 3,
       "kernel_bins": 3, "bias": false},
      {"type": "batch_norm", "bins": 12},
      {"type": "relu"},
      {"type": "convolution", "output_dim": 31, "kernel": 3},
      {"type": "relu"},
      {"type": "residual", "layers": [
        {"type": "factored_linear", "bottleneck_dim": 9, "output_dim": 31, "bias": false},
        {"type": "batch_norm"}]}],
    "heads": {"xent": [{"type": "linear", "output_dim": 5}, {"type": "log_softmax"}]}})")
      .as_object();
}

struct Lesson {
  std::vector<float> features;
  std::vector<LossTarget> targets;  ///< of the largest of a frame's and its neighbours' sums
};

Lesson draw_lesson(std::mt19937& random) {
  Lesson lesson;
  lesson.features = random_values(kTrainedSequences * kTrainedFrames * kDim, random);
  const auto feature = [&](std::int64_t sequence, std::int64_t frame, std::int64_t d) {
    if (frame < 0 || frame >= kTrainedFrames) return 0.0F;
    return lesson
        .features[static_cast<std::size_t>((sequence * kTrainedFrames + frame) * kDim + d)];
  };
  for (std::int64_t s = 0; s < kTrainedSequences; ++s) {
    LossTarget& target = lesson.targets.emplace_back();
    for (std::int64_t t = 0; t < kTrainedFrames; ++t) {
      std::int64_t best = 0;
      float best_sum = -1e9F;
      for (std::int64_t c = 0; c < kTrainedClasses; ++c) {
        const float sum = feature(s, t - 1, c) + feature(s, t, c + 5) + feature(s, t + 1, c + 2);
        if (sum > best_sum) best = c;
        best_sum = std::max(best_sum, sum);
      }
      target.labels.push_back(static_cast<std::int32_t>(best));
    }
  }
  return lesson;
}

/// Losses a frame, step by step.
std::vector<double> train(Device device, Precision precision) {
  const auto backend = create_backend({.device = device, .precision = precision});
  Network network(*backend, trained_description(), 3);
  network.prepare_training(*backend);
  std::mt19937 random(9);
  CrossEntropy loss;
  Adam optimizer;
  std::vector<double> losses;
  for (std::int64_t step = 1; step <= kSteps; ++step) {
    const Lesson lesson = draw_lesson(random);
    const Tensor x = backend->from_host({kTrainedSequences, kTrainedFrames, kDim}, lesson.features);
    network.zero_gradients(*backend);
    network.begin_step(*backend, step);
    NetworkSaved saved;
    const std::vector<Tensor> heads = network.forward(*backend, x, &saved);
    std::vector<Tensor> gradients;
    gradients.push_back(backend->empty(heads[0].shape()));
    const ConstTensorView head = heads[0];
    const TensorView gradient = gradients[0];
    const auto got = loss.evaluate(*backend, {&head, 1}, lesson.targets, {&gradient, 1});
    losses.push_back(got.total / static_cast<double>(kTrainedSequences * kTrainedFrames));
    backend->scale(1.0F / static_cast<float>(kTrainedSequences * kTrainedFrames), gradients[0]);
    network.backward(*backend, gradients, saved);
    optimizer.step(*backend, network.parameters(), 0.01F);
  }
  return losses;
}

/// Of the last steps, since each one has its own lesson.
double final_loss(const std::vector<double>& losses) {
  double sum = 0.0;
  for (std::size_t i = losses.size() - 10; i < losses.size(); ++i) sum += losses[i] / 10.0;
  return sum;
}

class PrecisionTraining : public ::testing::TestWithParam<Device> {};
INSTANTIATE_TEST_SUITE_P(Devices, PrecisionTraining, ::testing::ValuesIn(available_devices()),
                         [](const auto& tested) {
                           return tested.param.kind == DeviceKind::kCpu
                                      ? std::string("Cpu")
                                      : "Cuda" + std::to_string(tested.param.index);
                         });

TEST_P(PrecisionTraining, InBfloat16ReachesTheLossOfFloat32) {
  const std::vector<double> fine = train({}, Precision::kFloat32);
  const std::vector<double> coarse = train(GetParam(), Precision::kBfloat16);
  EXPECT_LT(final_loss(fine), 0.6 * fine.front());
  EXPECT_NEAR(coarse.front(), fine.front(), 0.01 * fine.front());
  EXPECT_NEAR(final_loss(coarse), final_loss(fine), 0.03 * fine.front());
  EXPECT_NE(coarse.back(), fine.back());
}

TEST_P(PrecisionTraining, InBfloat16IsTheSameWithEveryRun) {
  EXPECT_EQ(train(GetParam(), Precision::kBfloat16), train(GetParam(), Precision::kBfloat16));
}

TEST_P(PrecisionTraining, LeavesStepsTowardsSemiOrthogonalMatricesAsTheyAre) {
  const auto fine = create_backend({.device = GetParam()});
  const auto coarse = create_backend({.device = GetParam(), .precision = Precision::kBfloat16});
  std::mt19937 random(4);
  const auto values = random_values(20 * 50, random);
  const auto stepped = [&](Backend& backend) {
    Tensor matrix = backend.from_host({20, 50}, values);
    make_more_semi_orthogonal(backend, matrix);
    return backend.to_host(matrix);
  };
  EXPECT_EQ(stepped(*coarse), stepped(*fine));
}

}  // namespace
}  // namespace harpy::testing

// Networks compute, learn and stream on every CUDA device as they do on the CPU.
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <random>
#include <string>

#include "acoustic/losses/cross_entropy.hpp"
#include "acoustic/network.hpp"
#include "acoustic/optimizers/adam.hpp"
#include "tests/acoustic/random_values.hpp"
#include "tests/acoustic/streaming_check.hpp"

namespace harpy::testing {
namespace {

constexpr std::int64_t kParitySequences = 3, kParityFrames = 47, kInputDim = 20, kParityClasses = 6;

/// Layers of every type, at odd sizes. None has a bias before a batch norm: its gradient is zero
/// but for rounding, which Adam would make as large as any other.
boost::json::object parity_description() {
  return boost::json::parse(R"({"input_dim": 20, "trunk": [
      {"type": "convolution_2d", "bins": 20, "output_channels": 5, "kernel_time": 3, "kernel_bins": 3,
       "bias": false},
      {"type": "batch_norm", "bins": 20},
      {"type": "running_mean_norm", "prior_frames": 3},
      {"type": "relu"},
      {"type": "max_pooling", "bins": 20, "kernel_bins": 2},
      {"type": "average_pooling", "bins": 10, "kernel_time": 2, "kernel_bins": 3},
      {"type": "convolution", "output_dim": 33, "kernel": 3, "stride": 3},
      {"type": "sigmoid"},
      {"type": "residual", "layers": [
        {"type": "factored_linear", "bottleneck_dim": 7, "output_dim": 33, "bias": false},
        {"type": "batch_norm"},
        {"type": "dropout", "rate": 0.2}]},
      {"type": "splice", "kernel": 3},
      {"type": "tanh"},
      {"type": "rms_norm", "blocks": 3},
      {"type": "select", "columns": [0, 98, 5, 5, 17, 42, 63, 64, 90]},
      {"type": "sum", "branches": [
        [{"type": "convolution", "output_dim": 8, "kernel": 3}],
        [{"type": "linear", "output_dim": 8, "bias": false}]]}],
    "heads": {"xent": [{"type": "linear", "output_dim": 6}, {"type": "log_softmax"}]}})")
      .as_object();
}

/// What a few steps of training leave behind.
struct Trained {
  std::vector<double> losses;
  std::vector<float> scores, streamed;  ///< of the network afterwards
};

Trained train(const Device& device) {
  const auto backend = create_backend({.device = device});
  Network network(*backend, parity_description(), 3);
  network.prepare_training(*backend);
  std::mt19937 random(9);
  const auto features = random_values(kParitySequences * kParityFrames * kInputDim, random);
  const Tensor x = backend->from_host({kParitySequences, kParityFrames, kInputDim}, features);
  std::vector<LossTarget> targets(kParitySequences);
  for (LossTarget& target : targets) {
    for (std::int64_t t = 0; t < network.output_frames(kParityFrames); ++t) {
      target.labels.push_back(static_cast<std::int32_t>(random() % kParityClasses));
    }
  }
  CrossEntropy loss;
  Adam optimizer;
  Trained trained;
  for (std::int64_t step = 1; step <= 8; ++step) {
    network.zero_gradients(*backend);
    network.begin_step(*backend, step);
    NetworkSaved saved;
    const std::vector<Tensor> heads = network.forward(*backend, x, &saved);
    std::vector<Tensor> gradients;
    gradients.push_back(backend->empty(heads[0].shape()));
    const ConstTensorView head = heads[0];
    const TensorView gradient = gradients[0];
    trained.losses.push_back(loss.evaluate(*backend, {&head, 1}, targets, {&gradient, 1}).total);
    backend->scale(0.01F, gradients[0]);
    network.backward(*backend, gradients, saved);
    clip_gradients(*backend, network.parameters(), 0.5);
    optimizer.step(*backend, network.parameters(), 0.003F);
  }
  trained.scores = backend->to_host(network.forward(*backend, x, nullptr)[0]);
  const Tensor first = backend->copy_of({x.data(), Shape{1, kParityFrames, kInputDim}});
  constexpr std::int64_t kBlockFrames = 12;
  trained.streamed = streamed_in_blocks(*backend,
                                        {first, network.output_frames(kParityFrames), kBlockFrames,
                                         network.stream_layout(0, kBlockFrames)},
                                        [&](ConstTensorView blocks, const StreamSlot* slots) {
                                          return network.forward_block(*backend, 0, blocks, slots);
                                        })[1];
  return trained;
}

TEST(DeviceParity, NetworksOfEveryLayerLearnAlikeOnEveryDevice) {
  const Trained expected = train({});
  EXPECT_LT(expected.losses.back(), expected.losses.front());
  ASSERT_LT(expected.streamed.size(), expected.scores.size());
  EXPECT_LT(largest_difference(
                expected.streamed,
                {expected.scores.begin(),
                 expected.scores.begin() + static_cast<std::ptrdiff_t>(expected.streamed.size())}),
            1e-5);
  const DeviceReport found = find_devices();
  for (const DeviceDescription& described : found.devices) {
    if (described.device == Device{}) continue;
    SCOPED_TRACE(described.name);
    const Trained got = train(described.device);
    for (std::size_t step = 0; step < got.losses.size(); ++step) {
      EXPECT_NEAR(got.losses[step], expected.losses[step], 1e-4 * expected.losses[step]) << step;
    }
    EXPECT_LT(largest_difference(got.scores, expected.scores), 1e-3);
    EXPECT_LT(largest_difference(got.streamed, expected.streamed), 1e-3);
    const Trained again = train(described.device);
    EXPECT_EQ(again.losses, got.losses);
    EXPECT_EQ(again.scores, got.scores);
  }
  if (found.devices.size() == 1) GTEST_SKIP() << "needs a CUDA device: " << found.cuda_obstacle;
}

}  // namespace
}  // namespace harpy::testing

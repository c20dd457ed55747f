// Networks prepared for inference compute what they computed before, on every device.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>
#include <string>

#include "acoustic/network.hpp"
#include "tests/acoustic/backend/backend_test.hpp"
#include "tests/acoustic/streaming_check.hpp"

namespace harpy::testing {
namespace {

constexpr std::int64_t kInputs = 24, kWholeFrames = 45;

/// Blocks of every kind that networks are made of: normalisations behind products, convolutions and
/// relus, at the ends of residuals and not, and in front of products, where they must stay.
constexpr const char* kPreparedNetwork = R"({"input_dim": 24, "trunk": [
    {"type": "batch_norm"},
    {"type": "convolution_2d", "bins": 12, "output_channels": 5, "bias": false},
    {"type": "batch_norm", "bins": 12},
    {"type": "relu"},
    {"type": "convolution_2d", "bins": 12, "output_channels": 2},
    {"type": "batch_norm"},
    {"type": "residual", "layers": [
      {"type": "convolution", "output_dim": 19, "kernel": 3, "bias": false}, {"type": "relu"},
      {"type": "batch_norm"},
      {"type": "convolution", "output_dim": 24, "kernel": 2}, {"type": "batch_norm"}]},
    {"type": "convolution", "output_dim": 40, "kernel": 3, "stride": 3},
    {"type": "relu"}, {"type": "batch_norm"},
    {"type": "residual", "bypass_scale": 0.66, "layers": [
      {"type": "factored_linear", "bottleneck_dim": 7, "output_dim": 40, "dilation": 2},
      {"type": "relu"}, {"type": "batch_norm"}, {"type": "dropout"}]},
    {"type": "residual", "layers": [
      {"type": "linear", "output_dim": 40}, {"type": "tanh"}, {"type": "batch_norm", "bins": 4}]},
    {"type": "residual", "layers": [{"type": "batch_norm"}, {"type": "dropout"}]},
    {"type": "sum", "last_scale": 0.5, "branches": [
      [{"type": "linear", "output_dim": 33}, {"type": "batch_norm"}, {"type": "relu"},
       {"type": "relu"}],
      [{"type": "dropout"}, {"type": "convolution", "output_dim": 33, "kernel": 2},
       {"type": "relu"}, {"type": "batch_norm"}]]}],
  "heads": {"a": [{"type": "linear", "output_dim": 9, "bias": false}, {"type": "batch_norm"},
                  {"type": "log_softmax"}],
            "b": [{"type": "dropout"}]}})";

boost::json::object prepared_description() {
  return boost::json::parse(kPreparedNetwork).as_object();
}

class PreparedNetwork : public BackendTest {
 protected:
  /// A network as after some training: no normalisation does nothing, and some turn signs.
  static Network trained(Backend& backend) {
    std::mt19937 random(8);
    Network network(backend, prepared_description(), 3);
    for (const NamedTensor& named : network.tensors()) {
      if (named.tensor->shape().rank() > 1) continue;
      const bool is_variance = named.name.ends_with("variance");
      backend.copy(random_tensor(backend, named.tensor->shape(), random, is_variance ? 0.5F : -1.0F,
                                 is_variance ? 2.0F : 1.0F),
                   *named.tensor);
    }
    return network;
  }

  static Tensor features(const Backend& backend) {
    std::mt19937 random(4);
    return random_tensor(backend, {2, kWholeFrames, kInputs}, random);
  }
};
INSTANTIATE_TEST_SUITE_P(Devices, PreparedNetwork, ::testing::ValuesIn(backend_cases()), case_name);

TEST_P(PreparedNetwork, GivesWhatItGaveBeforeUpToRounding) {
  for (const auto& [precision, tolerance] :
       {std::pair{Precision::kFloat32, 2e-5}, std::pair{Precision::kBfloat16, 0.1}}) {
    const auto backend = backend_of(GetParam(), precision);
    Network network = trained(*backend);
    const Tensor x = features(*backend);
    const std::vector<Tensor> before = network.forward(*backend, x, nullptr);
    network.prepare_inference(*backend);
    const std::vector<Tensor> after = network.forward(*backend, x, nullptr);
    for (std::size_t head = 0; head < before.size(); ++head) {
      EXPECT_LT(largest_difference(backend->to_host(after[head]), backend->to_host(before[head])),
                tolerance)
          << to_string(precision) << " head " << head;
    }
  }
}

TEST_P(PreparedNetwork, GivesTheSameBitsOnABackendThatRoundsNothing) {
  // A network that was prepared for one precision computes in that of whoever uses it.
  const auto rounding = backend_of(GetParam(), Precision::kBfloat16);
  Network prepared_to_round = trained(*rounding), prepared = trained(*backend_);
  prepared_to_round.prepare_inference(*rounding);
  rounding->synchronize();
  prepared.prepare_inference(*backend_);
  const Tensor x = features(*backend_);
  EXPECT_EQ(backend_->to_host(prepared_to_round.forward(*backend_, x, nullptr)[0]),
            backend_->to_host(prepared.forward(*backend_, x, nullptr)[0]));
}

TEST_P(PreparedNetwork, StreamedInBlocksEqualsTheWholeUtterance) {
  Network network = trained(*backend_);
  network.prepare_inference(*backend_);
  std::mt19937 random(6);
  const Tensor x = random_tensor(*backend_, {1, kWholeFrames, kInputs}, random);
  const std::vector<Tensor> whole = network.forward(*backend_, x, nullptr);
  for (std::size_t head = 0; head < whole.size(); ++head) {
    for (const std::int64_t block_frames : {3, 12, 21}) {
      const auto streamed =
          streamed_in_blocks(*backend_,
                             {x, network.output_frames(kWholeFrames), block_frames,
                              network.stream_layout(head, block_frames)},
                             [&](ConstTensorView blocks, const StreamSlot* slots) {
                               return network.forward_block(*backend_, head, blocks, slots);
                             });
      for (const std::vector<float>& row : streamed) {
        EXPECT_LT(largest_difference(row, backend_->to_host(whole[head])), 2e-5);
      }
    }
  }
}

TEST(PreparedNetworks, HaveLostTheLayersThatOthersAbsorbed) {
  const auto backend = create_backend({});
  Network network(*backend, prepared_description(), 3);
  const std::int64_t all = network.trunk_layer_count();
  network.prepare_inference(*backend);
  // Of the trunk's own: a batch norm by channels behind a convolution over frequency, and the relu
  // behind a convolution over time.
  EXPECT_EQ(network.trunk_layer_count(), all - 2);
}

TEST(PreparedNetworks, RefuseToBeTrained) {
  const auto backend = create_backend({});
  Network network(*backend, prepared_description(), 3);
  network.prepare_inference(*backend);
  EXPECT_THROW(network.prepare_training(*backend), std::logic_error);
  EXPECT_THROW(network.prepare_inference(*backend), std::logic_error);
  NetworkSaved saved;
  EXPECT_THROW(network.forward(*backend, backend->zeros({1, 9, kInputs}), &saved),
               std::logic_error);
}

}  // namespace
}  // namespace harpy::testing

#include "acoustic/network.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <stdexcept>

#include "acoustic/optimizers/sgd.hpp"
#include "tests/acoustic/gradient_check.hpp"
#include "tests/acoustic/streaming_check.hpp"

namespace harpy::testing {
namespace {

boost::json::object small_description() {
  return boost::json::parse(R"({"input_dim": 5, "trunk": [
      {"type": "convolution", "output_dim": 8, "kernel": 3, "stride": 3},
      {"type": "batch_norm"},
      {"type": "residual", "layers": [
        {"type": "convolution", "output_dim": 8, "kernel": 3, "dilation": 2},
        {"type": "batch_norm"}]},
      {"type": "linear", "output_dim": 7}],
    "heads": {"ctc": [{"type": "linear", "output_dim": 4}, {"type": "log_softmax"}],
              "chain": [{"type": "convolution", "output_dim": 3, "kernel": 2}]}})")
      .as_object();
}

class SmallNetwork : public ::testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({.device = {}, .thread_count = 2});
  Network network_{*backend_, small_description(), 3};
  std::mt19937 random_{5};
};

TEST_F(SmallNetwork, KnowsItsDimensions) {
  EXPECT_EQ(network_.input_dim(), 5);
  EXPECT_EQ(network_.subsampling(), 3);
  EXPECT_EQ(network_.output_frames(7), 3);
  EXPECT_EQ(network_.head_names(), (std::vector<std::string>{"chain", "ctc"}));
  EXPECT_EQ(network_.head_dim(0), 3);
  EXPECT_EQ(network_.head_dim(1), 4);
  EXPECT_EQ(network_.context(), (FrameContext{1 + 2 * 3, 1 + 2 * 3 + 1 * 3}));
  std::vector<std::string> names;
  for (const NamedTensor& named : network_.tensors()) names.push_back(named.name);
  EXPECT_THAT(names,
              ::testing::IsSupersetOf({"trunk.0.weight", "trunk.2.0.bias", "trunk.2.1.variance",
                                       "ctc.0.weight", "chain.0.bias"}));
  EXPECT_EQ(names.size(), 18U);
  EXPECT_EQ(network_.parameter_count(),
            15 * 8 + 8 + 16 + 24 * 8 + 8 + 16 + 56 + 7 + 28 + 4 + 42 + 3);
}

class FrozenNetwork : public SmallNetwork, public ::testing::WithParamInterface<std::int64_t> {};

TEST_P(FrozenNetwork, HasTheGradientsOfCentralDifferencesFromBothHeads) {
  const Tensor x = random_tensor(*backend_, {3, 20, 5}, random_);
  network_.freeze_trunk(GetParam());
  network_.prepare_training(*backend_);
  NetworkSaved saved;
  const std::vector<Tensor> heads = network_.forward(*backend_, x, &saved);
  std::vector<std::vector<float>> weights;
  std::vector<Tensor> gradients;
  for (const Tensor& head : heads) {
    weights.push_back(random_values(head.size(), random_));
    gradients.push_back(backend_->from_host(head.shape(), weights.back()));
  }
  network_.backward(*backend_, gradients, saved);
  const auto function = [&] {
    NetworkSaved ignored;
    const std::vector<Tensor> outputs = network_.forward(*backend_, x, &ignored);
    return projection(backend_->to_host(outputs[0]), weights[0]) +
           projection(backend_->to_host(outputs[1]), weights[1]);
  };
  for (Parameter* parameter : network_.learning_parameters()) {
    expect_gradient(*backend_, function, parameter->value, backend_->to_host(parameter->gradient),
                    parameter->name, random_, {.step = 3e-3, .tolerance = 1e-2, .positions = 15});
  }
}

TEST_P(FrozenNetwork, LearnsInTheOtherLayersAlone) {
  std::vector<std::vector<float>> before;
  for (const NamedTensor& named : network_.tensors()) {
    before.push_back(backend_->to_host(*named.tensor));
  }
  network_.freeze_trunk(GetParam());
  network_.prepare_training(*backend_);
  network_.begin_step(*backend_, 1);
  NetworkSaved saved;
  const std::vector<Tensor> heads =
      network_.forward(*backend_, random_tensor(*backend_, {3, 20, 5}, random_), &saved);
  std::vector<Tensor> gradients;
  for (const Tensor& head : heads) {
    gradients.push_back(random_tensor(*backend_, head.shape(), random_));
  }
  network_.backward(*backend_, gradients, saved);
  Sgd sgd;
  sgd.step(*backend_, network_.learning_parameters(), 0.1F);
  std::size_t index = 0;
  for (const NamedTensor& named : network_.tensors()) {
    const bool is_frozen = named.name.starts_with("trunk.") && named.name[6] - '0' < GetParam();
    EXPECT_EQ(backend_->to_host(*named.tensor) == before[index++], is_frozen) << named.name;
  }
}

INSTANTIATE_TEST_SUITE_P(Layers, FrozenNetwork, ::testing::Values(0, 1, 2, 3, 4));

TEST(NetworkMicrobatches, HaveDropoutOfTheirOwnWhereverItStands) {
  const auto backend = create_backend({});
  std::mt19937 random(3);
  const Tensor x = random_tensor(*backend, {2, 30, 8}, random, 1.0F, 2.0F);
  const std::string dropout = R"({"type": "dropout", "rate": 0.5})";
  for (const std::string& trunk :
       {dropout, R"({"type": "residual", "layers": [)" + dropout + "]}",
        R"({"type": "sum", "branches": [[], [)" + dropout + "]]}", std::string()}) {
    const std::string head = trunk.empty() ? dropout : "";
    Network network(*backend,
                    boost::json::parse(R"({"input_dim": 8, "trunk": [)" + trunk +
                                       R"(], "heads": {"a": [)" + head + "]}}")
                        .as_object(),
                    1);
    network.begin_step(*backend, 1);
    const auto trained = [&](std::int64_t index) {
      network.begin_microbatch(index);
      NetworkSaved saved;
      return backend->to_host(network.forward(*backend, x, &saved)[0]);
    };
    EXPECT_NE(trained(0), trained(1)) << trunk;
    EXPECT_EQ(trained(1), trained(1)) << trunk;
  }
}

TEST_F(SmallNetwork, RefusesToFreezeLayersThatItHasNot) {
  EXPECT_THROW(network_.freeze_trunk(5), std::invalid_argument);
  EXPECT_THROW(network_.freeze_trunk(-1), std::invalid_argument);
}

/// Both rows of `streamed_in_blocks` for a head of a network, in blocks of a random size.
std::vector<std::vector<float>> streamed(Backend& backend, const Network& network, std::size_t head,
                                         ConstTensorView x, std::mt19937& random) {
  const std::int64_t block_frames =
      network.subsampling() * (1 + static_cast<std::int64_t>(random() % 9));
  return streamed_in_blocks(backend,
                            {x, network.output_frames(x.shape[1]), block_frames,
                             network.stream_layout(head, block_frames)},
                            [&](ConstTensorView blocks, const StreamSlot* slots) {
                              return network.forward_block(backend, head, blocks, slots);
                            });
}

TEST_F(SmallNetwork, StreamedInAnyBlocksEqualsTheWholeUtterance) {
  for (int round = 0; round < 20; ++round) {
    const auto frames = static_cast<std::int64_t>(random_() % 60);
    const Tensor x = random_tensor(*backend_, {1, frames, 5}, random_);
    const std::vector<Tensor> whole = network_.forward(*backend_, x, nullptr);
    for (std::size_t head = 0; head < whole.size(); ++head) {
      for (const std::vector<float>& row : streamed(*backend_, network_, head, x, random_)) {
        EXPECT_LT(largest_difference(row, backend_->to_host(whole[head])), 1e-5);
      }
    }
  }
}

TEST_F(SmallNetwork, RefusesWrongInputsHeadsAndGradients) {
  EXPECT_THROW(network_.forward(*backend_, backend_->zeros({1, 4, 6}), nullptr),
               std::invalid_argument);
  EXPECT_THROW(network_.forward(*backend_, backend_->zeros({4, 5}), nullptr),
               std::invalid_argument);
  EXPECT_THROW(network_.stream_layout(2, 30), std::invalid_argument);
  NetworkSaved never_filled;
  EXPECT_THROW(network_.backward(*backend_, {}, never_filled), std::invalid_argument);
}

/// A network of random layers, few of them with a stride.
boost::json::object random_description(std::mt19937& random) {
  using boost::json::object;
  const auto draw = [&random](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(random);
  };
  std::int64_t dim = 4;
  const auto convolution = [&](std::int64_t output_dim, std::int64_t stride) {
    const std::int64_t kernel = draw(1, 4);
    dim = output_dim;
    return object{{"type", "convolution"},       {"output_dim", output_dim}, {"kernel", kernel},
                  {"left", draw(0, kernel - 1)}, {"dilation", draw(1, 3)},   {"stride", stride}};
  };
  boost::json::array trunk;
  const std::int64_t count = draw(0, 5);
  for (std::int64_t i = 0; i < count; ++i) {
    switch (draw(0, 8)) {
      case 0:
        trunk.emplace_back(object{{"type", "relu"}});
        break;
      case 1:
        trunk.emplace_back(object{
            {"type", "max_pooling"}, {"kernel_time", draw(1, 4)}, {"stride_time", draw(1, 2)}});
        break;
      case 2:
        trunk.emplace_back(object{{"type", "convolution_2d"},
                                  {"bins", dim},
                                  {"kernel_bins", 1},
                                  {"output_channels", 1},
                                  {"kernel_time", draw(1, 4)},
                                  {"stride_time", draw(1, 2)}});
        break;
      case 3: {
        const std::int64_t kernel = draw(1, 2);
        dim *= kernel;
        trunk.emplace_back(
            object{{"type", "splice"}, {"kernel", kernel}, {"dilation", draw(1, 3)}});
        break;
      }
      case 4: {
        boost::json::array branch;
        branch.emplace_back(object{{"type", "factored_linear"},
                                   {"bottleneck_dim", draw(1, 3)},
                                   {"output_dim", dim},
                                   {"dilation", draw(1, 3)}});
        trunk.emplace_back(
            object{{"type", "residual"}, {"layers", branch}, {"bypass_scale", 0.66}});
        break;
      }
      case 5: {
        boost::json::array branch;
        branch.emplace_back(convolution(dim, 1));
        trunk.emplace_back(object{{"type", "residual"}, {"layers", branch}});
        break;
      }
      default:
        trunk.emplace_back(convolution(draw(1, 6), i < 3 ? draw(1, 3) : 1));
    }
  }
  return {{"input_dim", 4}, {"trunk", trunk}, {"heads", object{{"out", boost::json::array()}}}};
}

TEST(RandomNetworks, StreamedInAnyBlocksEqualTheWholeUtterance) {
  const auto backend = create_backend({});
  std::mt19937 random(17);
  for (int round = 0; round < 150; ++round) {
    const boost::json::object description = random_description(random);
    const Network network(*backend, description, random());
    const auto frames = static_cast<std::int64_t>(random() % 50);
    const Tensor x = random_tensor(*backend, {1, frames, 4}, random);
    const Tensor whole = std::move(network.forward(*backend, x, nullptr)[0]);
    EXPECT_EQ(whole.shape()[1], network.output_frames(frames));
    const std::vector<float> expected = backend->to_host(whole);
    float largest = 1.0F;
    for (const float value : expected) largest = std::max(largest, std::abs(value));
    for (const std::vector<float>& row : streamed(*backend, network, 0, x, random)) {
      ASSERT_LT(largest_difference(row, expected), 1e-5 * largest) << description;
    }
  }
}

TEST(NetworkDescriptions, ThatAreWrongAreRefusedByPathAndField) {
  const auto backend = create_backend({});
  struct Case {
    const char* description;
    const char* named;
  };
  for (
      const auto& [description, named] : {
          Case{R"({"trunk": [], "heads": {"a": []}})", "input_dim"},
          Case{R"({"input_dim": 3, "heads": {"a": []}})", "trunk"},
          Case{R"({"input_dim": 3, "trunk": []})", "heads"},
          Case{R"({"input_dim": 3, "trunk": [], "heads": {}})", "heads"},
          Case{R"({"input_dim": 3, "trunk": [], "heads": {"a": 3}})", "a"},
          Case{R"({"input_dim": 3, "trunk": [], "heads": {"trunk": []}})", "trunk"},
          Case{R"({"input_dim": 3, "trunk": [], "heads": {"a": []}, "dropout": 1})", "dropout"},
          Case{
              R"({"input_dim": 3, "trunk": [{"type": "relu"}, {"type": "x"}], "heads": {"a": []}})",
              "trunk.1"},
          Case{R"({"input_dim": 3, "trunk": [], "heads": {"a": [{"type": "linear"}]}})",
               "heads.a.0"},
          Case{R"({"input_dim": 3, "trunk": [], "heads": {"a": [
                    {"type": "convolution", "output_dim": 2, "stride": 2}]}})",
               "without subsampling"},
      }) {
    try {
      Network(*backend, boost::json::parse(description).as_object(), 1);
      ADD_FAILURE() << description;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), ::testing::HasSubstr(named)) << description;
    }
  }
}

}  // namespace
}  // namespace harpy::testing

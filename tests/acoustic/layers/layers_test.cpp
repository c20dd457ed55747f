// Laws of every layer: numeric = analytic gradients, streamed = whole utterance.
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <fstream>

#include "acoustic/layers/layer_factory.hpp"
#include "tests/acoustic/gradient_check.hpp"
#include "tests/acoustic/streaming_check.hpp"

namespace harpy::testing {
namespace {

struct LayerCase {
  const char* name;
  const char* description;
};

constexpr LayerCase kLayers[] = {
    {"Linear", R"({"type": "linear", "output_dim": 5})"},
    {"LinearWithoutBias", R"({"type": "linear", "output_dim": 5, "bias": false})"},
    {"Pointwise", R"({"type": "convolution", "output_dim": 4})"},
    {"Centred", R"({"type": "convolution", "output_dim": 5, "kernel": 3})"},
    {"Dilated", R"({"type": "convolution", "output_dim": 5, "kernel": 3, "dilation": 4})"},
    {"Strided", R"({"type": "convolution", "output_dim": 5, "kernel": 5, "stride": 3})"},
    {"StridedOneTap", R"({"type": "convolution", "output_dim": 5, "stride": 2})"},
    {"StrideBeyondKernel", R"({"type": "convolution", "output_dim": 5, "kernel": 2, "stride": 7})"},
    {"Causal", R"({"type": "convolution", "output_dim": 5, "kernel": 4, "left": 3})"},
    {"LookAhead",
     R"({"type": "convolution", "output_dim": 5, "kernel": 4, "left": 0, "dilation": 2, "stride": 2,
         "bias": false})"},
    {"Convolution2d", R"({"type": "convolution_2d", "bins": 3, "output_channels": 4})"},
    {"Convolution2dOfOneChannel",
     R"({"type": "convolution_2d", "bins": 6, "output_channels": 2, "kernel_time": 5,
         "kernel_bins": 2, "padding_bins": 0})"},
    {"Convolution2dStrided",
     R"({"type": "convolution_2d", "bins": 6, "output_channels": 3, "stride_time": 3,
         "stride_bins": 2})"},
    {"Convolution2dStrideBeyondKernel",
     R"({"type": "convolution_2d", "bins": 3, "output_channels": 3, "kernel_time": 2,
         "left_time": 0, "stride_time": 5, "bias": false})"},
    {"Convolution2dCausalDilated",
     R"({"type": "convolution_2d", "bins": 2, "output_channels": 3, "kernel_time": 3,
         "left_time": 2, "dilation_time": 2, "kernel_bins": 1, "padding_bins": 0})"},
    {"MaxPoolingOverTime", R"({"type": "max_pooling", "kernel_time": 2})"},
    {"MaxPooling",
     R"({"type": "max_pooling", "bins": 3, "kernel_time": 3, "stride_time": 1, "left_time": 1,
         "kernel_bins": 2, "stride_bins": 1})"},
    {"AveragePooling",
     R"({"type": "average_pooling", "bins": 6, "kernel_time": 3, "stride_time": 2,
         "kernel_bins": 2})"},
    {"Splice", R"({"type": "splice", "kernel": 3, "dilation": 2, "stride": 2})"},
    {"SpliceOfEverything", R"({"type": "splice", "kernel": 13, "stride": 13, "left": 0})"},
    {"Subsampling", R"({"type": "splice", "stride": 3})"},
    {"FactoredLinear",
     R"({"type": "factored_linear", "bottleneck_dim": 3, "output_dim": 5, "dilation": 3})"},
    {"FactoredLinearOfThreeTaps",
     R"({"type": "factored_linear", "bottleneck_dim": 20, "output_dim": 5, "kernel": 3,
         "bias": false})"},
    {"FactoredLinearWithoutContext",
     R"({"type": "factored_linear", "bottleneck_dim": 2, "output_dim": 5, "kernel": 1})"},
    {"Relu", R"({"type": "relu"})"},
    {"Sigmoid", R"({"type": "sigmoid"})"},
    {"Tanh", R"({"type": "tanh"})"},
    {"Dropout", R"({"type": "dropout", "rate": 0.3})"},
    {"BatchNorm", R"({"type": "batch_norm"})"},
    {"BatchNormOfBins", R"({"type": "batch_norm", "bins": 3})"},
    {"LogSoftmax", R"({"type": "log_softmax"})"},
    {"RmsNorm", R"({"type": "rms_norm", "target_rms": 0.5})"},
    {"RmsNormOfBlocks", R"({"type": "rms_norm", "blocks": 2})"},
    {"RunningMeanNorm", R"({"type": "running_mean_norm", "prior_frames": 4, "memory_frames": 6})"},
    {"RunningMeanOfDelayedFrames", R"({"type": "residual", "layers": [
        {"type": "convolution", "output_dim": 6, "kernel": 3, "left": 0},
        {"type": "running_mean_norm", "prior_frames": 1}]})"},
    {"Select", R"({"type": "select", "columns": [4, 0, 4, 4, 2]})"},
    {"Sum", R"({"type": "sum", "branches": [
        [{"type": "convolution", "output_dim": 5, "kernel": 3, "dilation": 2}, {"type": "tanh"}],
        [{"type": "linear", "output_dim": 5}],
        [{"type": "convolution", "output_dim": 5, "kernel": 4, "left": 3}]]})"},
    {"StridedSum", R"({"type": "sum", "branches": [
        [{"type": "convolution", "output_dim": 3, "kernel": 5, "stride": 3}],
        [{"type": "splice", "stride": 3}, {"type": "batch_norm"},
         {"type": "convolution", "output_dim": 3, "kernel": 3}]]})"},
    {"StridedResidual", R"({"type": "sum", "last_scale": 0.66, "branches": [
        [{"type": "convolution", "output_dim": 4, "kernel": 2, "left": 1},
         {"type": "convolution", "output_dim": 6, "kernel": 2, "left": 0, "stride": 3}],
        [{"type": "splice", "stride": 3}]]})"},
    {"ScaledLoneBranch", R"({"type": "sum", "last_scale": 0.5, "branches": [
        [{"type": "linear", "output_dim": 4}]]})"},
    {"SumOfNothing", R"({"type": "sum", "branches": [[], []]})"},
    {"Residual", R"({"type": "residual", "layers": [
        {"type": "convolution", "output_dim": 9, "kernel": 3, "dilation": 2},
        {"type": "batch_norm"},
        {"type": "convolution", "output_dim": 6, "kernel": 4, "left": 1}]})"},
    {"ScaledResidual", R"({"type": "residual", "bypass_scale": 0.66, "layers": [
        {"type": "factored_linear", "bottleneck_dim": 4, "output_dim": 6, "dilation": 2}]})"},
    {"ResidualOfNothing", R"({"type": "residual", "layers": []})"},
    {"NestedResidual", R"({"type": "residual", "layers": [
        {"type": "residual", "layers": [
          {"type": "convolution", "output_dim": 6, "kernel": 2, "left": 0}]},
        {"type": "linear", "output_dim": 6}]})"},
};
constexpr std::int64_t kLayerDim = 6;

class EveryLayer : public ::testing::TestWithParam<LayerCase> {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({.device = {}, .thread_count = 2});
  std::unique_ptr<Layer> layer_ =
      create_layer(*backend_, boost::json::parse(GetParam().description).as_object(),
                   {.path = "layer", .input_dim = kLayerDim, .seed = 5});
  std::mt19937 random_{11};

  void SetUp() override {
    // Statistics and parameters as after some training, so that no term is hidden by a zero or a
    // one.
    for (Statistic* statistic : layer_->statistics()) randomize(statistic->value, 0.5F, 1.5F);
    for (Parameter* parameter : layer_->parameters()) {
      if (parameter->value.shape().rank() == 1) randomize(parameter->value, -1.0F, 1.0F);
    }
  }
  void randomize(Tensor& tensor, float low, float high) {
    backend_->copy(random_tensor(*backend_, tensor.shape(), random_, low, high), tensor);
  }
};
INSTANTIATE_TEST_SUITE_P(Layers, EveryLayer, ::testing::ValuesIn(kLayers),
                         [](const auto& tested) { return std::string(tested.param.name); });

TEST(EveryLayerType, HasACaseHere) {
  for (const std::string& name : layer_type_names()) {
    const auto is_case = [&](const LayerCase& layer) {
      return boost::json::parse(layer.description).at("type") == boost::json::value(name);
    };
    EXPECT_TRUE(std::ranges::any_of(kLayers, is_case)) << name;
  }
}

TEST(EveryLayerType, HasItsRowInTheDocumentation) {
  std::ifstream stream(HARPY_SOURCE_DIR "/docs/formats.md");
  const std::string text(std::istreambuf_iterator<char>(stream), {});
  const std::size_t begin = text.find("## Network description");
  const std::string section = text.substr(begin, text.find("\n## ", begin) - begin);
  for (const std::string& name : layer_type_names()) {
    const bool has_row = section.find("| " + name) != std::string::npos ||
                         section.find(", " + name) != std::string::npos;
    EXPECT_TRUE(has_row) << name;
  }
}

TEST_P(EveryLayer, HasTheGradientsOfCentralDifferences) {
  // Values further apart and further from zero than the steps taken: away from the corners of
  // max_pooling and relu.
  std::vector<float> x(3 * 13 * kLayerDim);
  for (std::size_t i = 0; i < x.size(); ++i) {
    x[i] = 0.025F * (static_cast<float>(i) - static_cast<float>(x.size()) / 2 + 0.5F);
  }
  std::shuffle(x.begin(), x.end(), random_);
  expect_layer_gradients(*backend_, *layer_, backend_->from_host({3, 13, kLayerDim}, x), random_);
}

TEST_P(EveryLayer, StreamedInAnyBlocksEqualsTheWholeUtterance) {
  for (int round = 0; round < 30; ++round) {
    const auto frames = static_cast<std::int64_t>(random_() % 40);
    const Tensor x = random_tensor(*backend_, {1, frames, kLayerDim}, random_);
    const Tensor whole = layer_->forward(*backend_, x, nullptr);
    const std::int64_t output_frames = whole.shape()[1];
    EXPECT_EQ(whole.shape(), (Shape{1, (frames + layer_->subsampling() - 1) / layer_->subsampling(),
                                    layer_->output_dim()}));
    const std::int64_t block_frames =
        layer_->subsampling() * (1 + static_cast<std::int64_t>(random_() % 7));
    StreamLayout layout{.time = {.block_frames = block_frames}};
    layer_->lay_out_stream(layout);
    const auto streamed =
        streamed_in_blocks(*backend_, {x, output_frames, block_frames, layout},
                           [&](ConstTensorView blocks, const StreamSlot* slots) {
                             StreamBlock block{slots, {.time = {.block_frames = block_frames}}};
                             return layer_->forward_block(*backend_, blocks, block);
                           });
    for (const std::vector<float>& row : streamed) {
      EXPECT_LT(largest_difference(row, backend_->to_host(whole)), 1e-5) << frames;
    }
  }
}

TEST_P(EveryLayer, PreparedForInferenceComputesTheSameWholeAndStreamed) {
  // What a layer may absorb: normalisations, a relu, dropout; the last stays as it is.
  const std::string followers = R"({"type": "batch_norm"}, {"type": "dropout"}, {"type": "relu"},
                                   {"type": "dropout"}, {"type": "batch_norm"})";
  const auto description =
      boost::json::parse("[" + std::string(GetParam().description) + ", " + followers + "]");
  LayerChain chain = create_chain(*backend_, description.as_array(),
                                  {.path = "chain", .input_dim = kLayerDim, .seed = 5});
  for (Statistic* statistic : chain.statistics()) randomize(statistic->value, 0.5F, 1.5F);
  for (Parameter* parameter : chain.parameters()) {
    if (parameter->value.shape().rank() == 1) randomize(parameter->value, -1.0F, 1.0F);
  }
  constexpr std::int64_t kFrames = 35;
  const Tensor x = random_tensor(*backend_, {1, kFrames, kLayerDim}, random_);
  const std::vector<float> before = backend_->to_host(chain.forward(*backend_, x, nullptr));
  const std::size_t layer_count = chain.layer_count();
  chain.prepare_inference(*backend_);
  EXPECT_LE(chain.layer_count(), layer_count - 2);
  const std::vector<float> after = backend_->to_host(chain.forward(*backend_, x, nullptr));
  EXPECT_LT(largest_difference(after, before), 1e-5);

  const std::int64_t block_frames = chain.subsampling() * 3;
  StreamLayout layout{.time = {.block_frames = block_frames}};
  chain.lay_out_stream(layout);
  const auto streamed =
      streamed_in_blocks(*backend_, {x, chain.output_frames(kFrames), block_frames, layout},
                         [&](ConstTensorView blocks, const StreamSlot* slots) {
                           StreamBlock block{slots, {.time = {.block_frames = block_frames}}};
                           return chain.forward_block(*backend_, blocks, block);
                         });
  for (const std::vector<float>& row : streamed) EXPECT_LT(largest_difference(row, after), 1e-5);
}

TEST_P(EveryLayer, LagsBehindByItsRightContext) {
  const std::int64_t stride = layer_->subsampling();
  StreamLayout layout{.time = {.block_frames = 4 * stride}};
  layer_->lay_out_stream(layout);
  EXPECT_EQ(layout.time.block_frames, 4);
  EXPECT_EQ(layout.time.rate, stride);
  EXPECT_EQ(layout.time.delay, layer_->context().right / stride);
  if (stride == 1) return;
  StreamLayout wrong{.time = {.block_frames = 4 * stride + 1}};
  EXPECT_THROW(layer_->lay_out_stream(wrong), std::invalid_argument);
}

TEST_P(EveryLayer, SeesNoFrameOutsideItsContext) {
  constexpr std::int64_t kFrames = 40;
  const std::vector<float> x = random_values(kFrames * kLayerDim, random_);
  const auto output = [&](const std::vector<float>& values) {
    return backend_->to_host(
        layer_->forward(*backend_, backend_->from_host({1, kFrames, kLayerDim}, values), nullptr));
  };
  const std::vector<float> before = output(x);
  const std::int64_t t = kFrames / layer_->subsampling() / 2;
  const FrameContext context = layer_->context();
  std::vector<float> moved = x;
  for (std::int64_t frame = 0; frame < kFrames; ++frame) {
    const std::int64_t offset = frame - t * layer_->subsampling();
    if (offset >= -context.left && offset <= context.right) continue;
    for (std::int64_t d = 0; d < kLayerDim; ++d) moved[frame * kLayerDim + d] += 1.0F;
  }
  const std::vector<float> after = output(moved);
  for (std::int64_t d = 0; d < layer_->output_dim(); ++d) {
    const std::size_t i = t * layer_->output_dim() + d;
    EXPECT_NEAR(before[i], after[i], 1e-6);
  }
}

}  // namespace
}  // namespace harpy::testing

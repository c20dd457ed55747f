#include "acoustic/layers/layer_factory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <stdexcept>

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::unique_ptr<Layer> create(const std::string& description) {
  const auto backend = create_backend({});
  return create_layer(*backend, boost::json::parse(description).as_object(),
                      {.path = "trunk.3", .input_dim = 4, .seed = 1});
}

TEST(LayerFactory, NamesThePathAndTheFieldThatIsWrong) {
  struct Case {
    const char* description;
    const char* field;
  };
  for (const auto& [description, field] : {
           Case{R"({})", "type"},
           Case{R"({"type": 3})", "type"},
           Case{R"({"type": "lstm"})", "batch_norm, convolution, convolution_2d, dropout"},
           Case{R"({"type": "linear"})", "output_dim"},
           Case{R"({"type": "linear", "output_dim": 0})", "output_dim"},
           Case{R"({"type": "linear", "output_dim": 2.5})", "output_dim"},
           Case{R"({"type": "linear", "output_dim": 99999999999})", "output_dim"},
           Case{R"({"type": "linear", "output_dim": 3, "bias": 1})", "bias"},
           Case{R"({"type": "linear", "output_dim": 3, "l2": -1})", "l2"},
           Case{R"({"type": "linear", "output_dim": 3, "kernel": 3})", "kernel"},
           Case{R"({"type": "convolution", "output_dim": 3, "stride": 0})", "stride"},
           Case{R"({"type": "convolution", "output_dim": 3, "dilation": 0})", "dilation"},
           Case{R"({"type": "convolution", "output_dim": 3, "kernel": 3, "left": 3})", "left"},
           Case{R"({"type": "batch_norm", "momentum": "x"})", "momentum"},
           Case{R"({"type": "batch_norm", "bins": 3})", "bins"},
           Case{R"({"type": "convolution_2d", "output_channels": 3})", "bins"},
           Case{R"({"type": "convolution_2d", "bins": 3, "output_channels": 3})", "bins"},
           Case{R"({"type": "convolution_2d", "bins": 4})", "output_channels"},
           Case{R"({"type": "convolution_2d", "bins": 4, "output_channels": 1000000000})",
                "output_channels"},
           Case{R"({"type": "convolution_2d", "bins": 2, "output_channels": 3})", "kernel_bins"},
           Case{R"({"type": "convolution_2d", "bins": 4, "output_channels": 3,
                    "padding_bins": 3})",
                "padding_bins"},
           Case{R"({"type": "convolution_2d", "bins": 4, "output_channels": 3,
                    "left_time": 3})",
                "left_time"},
           Case{R"({"type": "convolution_2d", "bins": 4, "output_channels": 3,
                    "stride_time": 0})",
                "stride_time"},
           Case{R"({"type": "convolution_2d", "bins": 4, "output_channels": 3,
                    "dilation_time": 0})",
                "dilation_time"},
           Case{R"({"type": "convolution_2d", "bins": 4, "output_channels": 3, "kernel": 3})",
                "kernel"},
           Case{R"({"type": "max_pooling", "bins": 3})", "bins"},
           Case{R"({"type": "max_pooling", "bins": 2, "kernel_bins": 3})", "kernel_bins"},
           Case{R"({"type": "max_pooling", "kernel_time": 2, "left_time": 2})", "left_time"},
           Case{R"({"type": "average_pooling", "stride_bins": 0})", "stride_bins"},
           Case{R"({"type": "average_pooling", "padding_bins": 0})", "padding_bins"},
           Case{R"({"type": "splice", "kernel": 1000000000})", "kernel"},
           Case{R"({"type": "splice", "kernel": 2, "left": 2})", "left"},
           Case{R"({"type": "dropout", "rate": 1})", "rate"},
           Case{R"({"type": "dropout", "rate": -0.1})", "rate"},
           Case{R"({"type": "factored_linear", "output_dim": 3})", "bottleneck_dim"},
           Case{R"({"type": "factored_linear", "bottleneck_dim": 3})", "output_dim"},
           Case{R"({"type": "factored_linear", "bottleneck_dim": 3, "output_dim": 3,
                    "kernel": 0})",
                "kernel"},
           Case{R"({"type": "residual", "layers": [], "bypass_scale": 2})", "bypass_scale"},
           Case{R"({"type": "sigmoid", "dim": 3})", "dim"},
           Case{R"({"type": "tanh", "dim": 3})", "dim"},
           Case{R"({"type": "residual"})", "layers"},
           Case{R"({"type": "residual", "layers": {}})", "layers"},
           Case{R"({"type": "residual", "layers": [{"type": "linear", "output_dim": 3}]})",
                "layers"},
           Case{R"({"type": "residual", "layers": [7]})", "trunk.3.0"},
           Case{R"({"type": "residual", "layers": [
                    {"type": "convolution", "output_dim": 4, "stride": 2}]})",
                "layers"},
           Case{R"({"type": "relu", "slope": 0.1})", "slope"},
       }) {
    try {
      create(description);
      ADD_FAILURE() << description;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("trunk.3"), HasSubstr(field))) << description;
    }
  }
}

TEST(LayerFactory, GivesTheSameWeightsForTheSameSeedAndOthersForAnother) {
  const auto backend = create_backend({});
  const auto weights = [&](std::uint64_t seed) {
    const auto layer = create_layer(
        *backend, boost::json::parse(R"({"type": "linear", "output_dim": 40})").as_object(),
        {.path = "layer", .input_dim = 50, .seed = seed});
    return backend->to_host(layer->parameters()[0]->value);
  };
  EXPECT_EQ(weights(1), weights(1));
  EXPECT_NE(weights(1), weights(2));
  double sum = 0.0, squares = 0.0;
  for (const float weight : weights(3)) {
    sum += weight;
    squares += double{weight} * weight;
  }
  EXPECT_NEAR(sum / 2000, 0.0, 0.01);
  EXPECT_NEAR(squares / 2000, 2.0 / 90, 0.002);  // Glorot: 2 / (inputs + outputs)
}

TEST(LayerFactory, KeepsTheWeightDecayOfALayer) {
  const auto layer = create(R"({"type": "linear", "output_dim": 3, "l2": 0.25})");
  EXPECT_EQ(layer->parameters()[0]->l2, 0.25F);
  EXPECT_EQ(layer->parameters()[1]->l2, 0.0F);
}

}  // namespace
}  // namespace harpy

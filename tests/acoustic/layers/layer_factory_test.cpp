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
           Case{R"({"type": "lstm"})", "batch_norm, convolution, linear"},
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

#include "acoustic/layers/dropout.hpp"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>

#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {
namespace {

class DropoutLayer : public ::testing::Test {
 protected:
  static constexpr std::int64_t kDim = 40;

  std::unique_ptr<Backend> backend_ = create_backend({});
  std::mt19937 random_{1};
  Tensor x_ = random_tensor(*backend_, {2, 50, kDim}, random_, 1.0F, 2.0F);

  static Dropout layer(std::uint64_t seed) {
    const boost::json::object description{{"rate", 0.4}};
    LayerFields fields("layer", description);
    return Dropout(fields, kDim, seed);
  }
  std::vector<float> trained(const Dropout& layer) {
    SavedForwardPtr saved;
    return backend_->to_host(layer.forward(*backend_, x_, &saved));
  }
};

TEST_F(DropoutLayer, LeavesInferenceAlone) {
  EXPECT_EQ(backend_->to_host(layer(1).forward(*backend_, x_, nullptr)), backend_->to_host(x_));
}

TEST_F(DropoutLayer, DrawsAnewForEachStepAndAgainTheSameForTheSameStep) {
  Dropout first = layer(1);
  first.begin_step(*backend_, 7);
  const auto step_7 = trained(first);
  EXPECT_EQ(trained(first), step_7);
  first.begin_step(*backend_, 8);
  EXPECT_NE(trained(first), step_7);

  Dropout resumed = layer(1);
  resumed.begin_step(*backend_, 7);
  EXPECT_EQ(trained(resumed), step_7);
  Dropout other = layer(2);
  other.begin_step(*backend_, 7);
  EXPECT_NE(trained(other), step_7);
}

TEST_F(DropoutLayer, DrawsAnewForEachMicrobatchOfAStep) {
  Dropout dropout = layer(1);
  dropout.begin_step(*backend_, 7);
  const auto whole = trained(dropout);
  dropout.begin_microbatch(1);
  const auto second = trained(dropout);
  EXPECT_NE(second, whole);
  dropout.begin_microbatch(0);
  EXPECT_EQ(trained(dropout), whole);
  dropout.begin_step(*backend_, 8);
  dropout.begin_microbatch(1);
  EXPECT_NE(trained(dropout), second);
}

TEST_F(DropoutLayer, KeepsTheMeanOfItsInput) {
  double sum = 0.0, expected = 0.0;
  Dropout dropout = layer(3);
  for (int step = 1; step <= 50; ++step) {
    dropout.begin_step(*backend_, step);
    for (const float value : trained(dropout)) sum += value;
  }
  for (const float value : backend_->to_host(x_)) expected += 50.0 * value;
  EXPECT_NEAR(sum / expected, 1.0, 0.01);
}

}  // namespace
}  // namespace harpy::testing

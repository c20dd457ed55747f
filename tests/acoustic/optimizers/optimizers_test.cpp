#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>

#include "acoustic/optimizers/adam.hpp"
#include "acoustic/optimizers/sgd.hpp"

namespace harpy {
namespace {

class OneParameter : public ::testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({});
  Parameter parameter_{.name = "p",
                       .value = backend_->from_host({2}, std::vector<float>{1.0F, -2.0F}),
                       .gradient = backend_->from_host({2}, std::vector<float>{0.5F, 0.25F}),
                       .l2 = 0.0F};
  std::vector<Parameter*> parameters_{&parameter_};
};

TEST_F(OneParameter, SgdAddsUpMomentum) {
  Sgd sgd({.momentum = 0.5F});
  sgd.step(*backend_, parameters_, 0.1F);
  EXPECT_FLOAT_EQ(backend_->to_host(parameter_.value)[0], 1.0F - 0.05F);
  sgd.step(*backend_, parameters_, 0.1F);
  EXPECT_FLOAT_EQ(backend_->to_host(parameter_.value)[0], 1.0F - 0.05F - 0.075F);
  EXPECT_EQ(sgd.step_count(), 2);
}

TEST_F(OneParameter, WeightDecayShrinksIt) {
  parameter_.l2 = 0.1F;
  Sgd sgd({.momentum = 0.0F});
  sgd.step(*backend_, parameters_, 0.1F);
  EXPECT_FLOAT_EQ(backend_->to_host(parameter_.value)[1], -2.0F * 0.99F - 0.025F);
}

TEST_F(OneParameter, AdamsFirstStepHasTheLengthOfTheLearningRate) {
  Adam adam;
  adam.step(*backend_, parameters_, 0.1F);
  EXPECT_NEAR(backend_->to_host(parameter_.value)[0], 0.9F, 1e-5);
  EXPECT_NEAR(backend_->to_host(parameter_.value)[1], -2.1F, 1e-5);
}

TEST_F(OneParameter, AResumedAdamGoesOnAsIfNeverStopped) {
  Adam first;
  for (int step = 0; step < 3; ++step) first.step(*backend_, parameters_, 0.1F);
  Adam second;
  second.set_step_count(first.step_count());
  const auto from = first.state(*backend_, parameters_);
  const auto to = second.state(*backend_, parameters_);
  ASSERT_EQ(from.size(), 2U);
  EXPECT_EQ(from[1].name, "moment2.0");
  for (std::size_t i = 0; i < from.size(); ++i) backend_->copy(*from[i].tensor, *to[i].tensor);
  const Tensor start = backend_->copy_of(parameter_.value);
  first.step(*backend_, parameters_, 0.1F);
  const auto expected = backend_->to_host(parameter_.value);
  backend_->copy(start, parameter_.value);
  second.step(*backend_, parameters_, 0.1F);
  EXPECT_EQ(backend_->to_host(parameter_.value), expected);
}

TEST_F(OneParameter, OtherParametersThanBeforeAreRefused) {
  Adam adam;
  adam.step(*backend_, parameters_, 0.1F);
  parameters_.push_back(&parameter_);
  EXPECT_THROW(adam.step(*backend_, parameters_, 0.1F), std::invalid_argument);
}

TEST_F(OneParameter, AMissingGradientIsRefused) {
  parameter_.gradient = Tensor();
  EXPECT_THROW(Sgd().step(*backend_, parameters_, 0.1F), std::invalid_argument);
}

TEST_F(OneParameter, GradientsAreClippedToTheNorm) {
  const double norm = std::sqrt(0.25 + 0.0625);
  EXPECT_NEAR(clip_gradients(*backend_, parameters_, 1.0), norm, 1e-7);
  EXPECT_FLOAT_EQ(backend_->to_host(parameter_.gradient)[0], 0.5F);
  EXPECT_NEAR(clip_gradients(*backend_, parameters_, norm / 2), norm, 1e-7);
  EXPECT_FLOAT_EQ(backend_->to_host(parameter_.gradient)[0], 0.25F);
}

}  // namespace
}  // namespace harpy

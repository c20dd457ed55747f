#include "acoustic/training/trainer.hpp"

#include <cmath>
#include <fstream>
#include <limits>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/trainer_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using testing::EvenAlignmentLoss;
using ::testing::HasSubstr;
using testing::RecordingObserver;
using testing::SmallTraining;

class TrainerTest : public ::testing::Test {
 protected:
  TrainerTest() {
    options_.epochs = 3;
    options_.seed = 11;
    options_.average_decay = 0.9;
    options_.learning_rate.peak = 0.01F;
    options_.learning_rate.warmup_steps = 5;
  }

  std::filesystem::path checkpoint() const { return directory_.path() / "checkpoint"; }

  testing::TemporaryDirectory directory_;
  TrainerOptions options_;
  EvenAlignmentLoss loss_;
};

TEST_F(TrainerTest, ReportsEveryStepAndEpochAndLowersTheLoss) {
  options_.epochs = 8;
  SmallTraining training(checkpoint(), loss_, options_);
  RecordingObserver observer;
  ASSERT_TRUE(training.trainer.run(observer));
  EXPECT_EQ(static_cast<std::int64_t>(observer.steps.size()), training.trainer.total_steps());
  for (std::size_t i = 0; i < observer.steps.size(); ++i) {
    EXPECT_EQ(observer.steps[i].step, static_cast<std::int64_t>(i) + 1);
    EXPECT_EQ(observer.steps[i].total_steps, training.trainer.total_steps());
    EXPECT_GT(observer.steps[i].source_frames, 0);
  }
  ASSERT_EQ(observer.epochs.size(), 8U);
  EXPECT_EQ(observer.checkpoints, 8);
  EXPECT_EQ(observer.epochs.back().epoch, 8);
  EXPECT_LT(observer.epochs.back().loss_per_frame, 0.6 * observer.epochs[0].loss_per_frame);
  EXPECT_LT(observer.epochs.back().validation.loss_per_frame,
            0.6 * observer.epochs[0].validation.loss_per_frame);
}

TEST_F(TrainerTest, TheSameSeedGivesTheSameBitsAndAnotherOneOthers) {
  const auto trained = [&] {
    SmallTraining training(checkpoint(), loss_, options_);
    RecordingObserver observer;
    training.trainer.run(observer);
    return training.values();
  };
  const std::vector<float> first = trained();
  EXPECT_EQ(trained(), first);
  options_.seed = 12;
  EXPECT_NE(trained(), first);
}

TEST_F(TrainerTest, StoppedAnywhereAndResumedEndsInTheSameBits) {
  SmallTraining straight(checkpoint(), loss_, options_);
  RecordingObserver whole;
  ASSERT_TRUE(straight.trainer.run(whole));
  const std::int64_t total = straight.trainer.total_steps();
  for (const std::int64_t stop : {std::int64_t{1}, total / 3, total / 2, total - 1, total}) {
    SmallTraining before(checkpoint(), loss_, options_);
    RecordingObserver first(stop);
    EXPECT_FALSE(before.trainer.run(first));
    EXPECT_EQ(static_cast<std::int64_t>(first.steps.size()), stop);

    SmallTraining after(checkpoint(), loss_, options_);
    after.trainer.resume();
    RecordingObserver second;
    EXPECT_TRUE(after.trainer.run(second));
    EXPECT_EQ(static_cast<std::int64_t>(second.steps.size()), total - stop);
    EXPECT_EQ(after.values(), straight.values());
    ASSERT_FALSE(second.epochs.empty());
    EXPECT_EQ(second.epochs.back().loss_per_frame, whole.epochs.back().loss_per_frame);
    EXPECT_EQ(second.epochs.back().gradient_norm, whole.epochs.back().gradient_norm);
    EXPECT_EQ(second.epochs.back().validation.label_error_rate,
              whole.epochs.back().validation.label_error_rate);
  }
}

TEST_F(TrainerTest, ResumingAFinishedTrainingGivesItsNetwork) {
  SmallTraining done(checkpoint(), loss_, options_);
  RecordingObserver observer;
  done.trainer.run(observer);
  SmallTraining again(checkpoint(), loss_, options_);
  again.trainer.resume();
  RecordingObserver nothing;
  EXPECT_TRUE(again.trainer.run(nothing));
  EXPECT_TRUE(nothing.steps.empty());
  EXPECT_EQ(again.values(), done.values());
}

/// A loss whose network never learns: all gradients are zero.
class FlatLoss : public EvenAlignmentLoss {
 public:
  LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets,
                     std::span<const TensorView> gradients) override {
    const LossValue value = EvenAlignmentLoss::evaluate(backend, heads, targets, gradients);
    backend.fill(0.0F, gradients[0]);
    return value;
  }
};

TEST_F(TrainerTest, KnowsTheBestEpoch) {
  options_.epochs = 8;
  SmallTraining training(checkpoint(), loss_, options_);
  RecordingObserver observer;
  ASSERT_TRUE(training.trainer.run(observer));
  double best = std::numeric_limits<double>::infinity();
  std::int64_t best_epoch = 0;
  for (const EpochReport& report : observer.epochs) {
    const bool better = report.validation.label_error_rate < best;
    EXPECT_EQ(report.is_best, better) << report.epoch;
    if (better) {
      best = report.validation.label_error_rate;
      best_epoch = report.epoch;
    }
  }
  EXPECT_EQ(training.trainer.best_epoch(), best_epoch);
}

TEST_F(TrainerTest, EndsEarlyWhenErrorsNoLongerFall) {
  options_.epochs = 20;
  options_.patience = 2;
  options_.learning_rate.peak = 1e-12F;
  FlatLoss flat;
  SmallTraining training(checkpoint(), flat, options_);
  RecordingObserver observer;
  EXPECT_TRUE(training.trainer.run(observer));
  ASSERT_EQ(observer.epochs.size(),
            static_cast<std::size_t>(training.trainer.best_epoch() + options_.patience));

  // Resumed, it has ended already; with more patience it goes on.
  SmallTraining again(checkpoint(), flat, options_);
  again.trainer.resume();
  RecordingObserver nothing;
  EXPECT_TRUE(again.trainer.run(nothing));
  EXPECT_TRUE(nothing.steps.empty());
  options_.patience = 3;
  SmallTraining more(checkpoint(), flat, options_);
  more.trainer.resume();
  RecordingObserver one;
  EXPECT_TRUE(more.trainer.run(one));
  EXPECT_EQ(one.epochs.size(), 1U);
}

TEST_F(TrainerTest, WritesCheckpointsByTime) {
  options_.checkpoint_interval_s = 0.0;
  SmallTraining training(checkpoint(), loss_, options_);
  RecordingObserver observer;
  training.trainer.run(observer);
  EXPECT_EQ(observer.checkpoints, training.trainer.total_steps() + 3);
}

TEST_F(TrainerTest, RefusesToResumeFromWhatDoesNotBelongToIt) {
  const auto error_of = [&](const TrainerOptions& options, const testing::SyntheticData& data) {
    try {
      SmallTraining training(checkpoint(), loss_, options, data);
      training.trainer.resume();
    } catch (const std::runtime_error& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_THAT(error_of(options_, {}), HasSubstr("no such checkpoint"));
  {
    SmallTraining training(checkpoint(), loss_, options_);
    RecordingObserver observer;
    training.trainer.run(observer);
  }
  EXPECT_EQ(error_of(options_, {}), "no error");
  TrainerOptions changed = options_;
  changed.seed = 99;
  EXPECT_THAT(error_of(changed, {}), HasSubstr("seed 11"));
  changed = options_;
  changed.epochs = 2;
  EXPECT_THAT(error_of(changed, {}), HasSubstr("more epochs"));
  testing::SyntheticData other;
  other.utterance_count = 20;
  EXPECT_THAT(error_of(options_, other), HasSubstr("other data"));
  other = {};
  other.dim = 7;
  EXPECT_THAT(error_of(options_, other), HasSubstr("another network"));
}

TEST_F(TrainerTest, RefusesImpossibleOptionsAndEmptyData) {
  options_.epochs = 0;
  EXPECT_THROW(SmallTraining(checkpoint(), loss_, options_), std::invalid_argument);
  options_.epochs = 1;
  testing::SyntheticData none;
  none.utterance_count = 0;
  EXPECT_THROW(SmallTraining(checkpoint(), loss_, options_, none), std::invalid_argument);
  options_.average_decay = 1.0;
  EXPECT_THROW(SmallTraining(checkpoint(), loss_, options_), std::invalid_argument);
}

/// A loss that is not a number from its third evaluation on.
class BreakingLoss : public EvenAlignmentLoss {
 public:
  LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets,
                     std::span<const TensorView> gradients) override {
    LossValue value = EvenAlignmentLoss::evaluate(backend, heads, targets, gradients);
    if (++count_ >= 3) value.total = std::numeric_limits<double>::quiet_NaN();
    return value;
  }

 private:
  int count_ = 0;
};

TEST_F(TrainerTest, SaysWhenTrainingDiverges) {
  BreakingLoss breaking;
  SmallTraining training(checkpoint(), breaking, options_);
  RecordingObserver observer;
  try {
    training.trainer.run(observer);
    FAIL() << "no error";
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("diverged at step 3"));
  }
}

}  // namespace
}  // namespace harpy

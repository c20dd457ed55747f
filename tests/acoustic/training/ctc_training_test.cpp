#include <gtest/gtest.h>

#include "decoder/sequence_loss/ctc.hpp"
#include "tests/acoustic/training/trainer_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

TEST(CtcTraining, LearnsASmallDataSetByHeart) {
  const testing::TemporaryDirectory directory;
  TrainerOptions options;
  options.epochs = 40;
  options.average_decay = 0.9;
  options.learning_rate.peak = 0.02F;
  options.learning_rate.warmup_steps = 20;
  Ctc loss;
  testing::SmallTraining training(directory.path() / "checkpoint", loss, options);
  testing::RecordingObserver observer;
  ASSERT_TRUE(training.trainer.run(observer));
  EXPECT_GT(observer.epochs.front().validation.label_error_rate, 0.5);
  EXPECT_LT(observer.epochs.back().validation.label_error_rate, 0.02);
  EXPECT_LT(observer.epochs.back().validation.loss_per_frame, 0.1);
  EXPECT_EQ(observer.epochs.back().skipped, 0);
}

}  // namespace
}  // namespace harpy

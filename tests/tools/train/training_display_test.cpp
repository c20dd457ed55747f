#include "tools/train/training_display.hpp"

#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

TEST(TrainingDisplay, AStepTellsItsPlaceAndTheTimeLeft) {
  EXPECT_EQ(step_text({.epoch = 2,
                       .epochs = 5,
                       .step = 30,
                       .total_steps = 100,
                       .loss_per_frame = 1.25,
                       .learning_rate = 0.002,
                       .gradient_norm = 3.5},
                      120.0, 754.0),
            "epoch 2/5  loss 1.2500  rate 0.002  norm 3.50  120 hours an hour  12:34 left");
}

TEST(TrainingDisplay, AnEpochTellsWordErrorsWhereTheyWereCounted) {
  TrainingLogRow row{
      .epoch = 3, .train_loss = 0.5, .dev_loss = 0.75, .dev_error_rate = 0.125, .elapsed_s = 61.0};
  EXPECT_EQ(epoch_text(row, false),
            "epoch 3: loss 0.5000, dev loss 0.7500, dev label errors 12.50 %, 1:01");
  row.dev_word_error_rate = 0.25;
  EXPECT_EQ(epoch_text(row, true),
            "epoch 3: loss 0.5000, dev loss 0.7500, dev label errors 12.50 % (best), dev word "
            "errors 25.00 %, 1:01");
}

TEST(TrainingDisplay, RatesAndTimesAreThoseOfThisRun) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "progress";
  std::FILE* stream = std::fopen(path.c_str(), "w");
  {
    // A run that goes on at step 50 of 100: one step of 360,000 frames of 10 ms took 10 s, so the
    // 50 that are left take 500 s.
    TrainingDisplay display(stream, 0.01);
    display.show_step(
        {.epoch = 1, .epochs = 1, .step = 50, .total_steps = 100, .source_frames = 360000}, 10.0);
  }
  std::fclose(stream);
  std::ifstream in(path);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  EXPECT_EQ(text, " 50% epoch 1/1  loss 0.0000  rate 0  norm 0.00  360 hours an hour  8:20 left\n");
}

}  // namespace
}  // namespace harpy::tools

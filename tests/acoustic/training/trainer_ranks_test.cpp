// A training that several ranks share: threads of this process, each with a trainer of its own.
#include <mutex>
#include <optional>
#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/thread_ranks.hpp"
#include "tests/acoustic/training/trainer_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using testing::EvenAlignmentLoss;
using ::testing::HasSubstr;
using testing::RecordingObserver;
using testing::SmallTraining;
using testing::ThreadRanks;

/// What a training has come to, at one of its ranks.
struct Outcome {
  bool is_whole = false;
  std::vector<float> values;
  std::vector<StepReport> steps;
  std::vector<EpochReport> epochs;
  int checkpoints = 0;
};

class TrainerRanks : public ::testing::Test {
 protected:
  TrainerRanks() {
    options_.epochs = 2;
    options_.seed = 11;
    options_.average_decay = 0.9;
    options_.learning_rate.peak = 0.01F;
    options_.learning_rate.warmup_steps = 5;
    options_.microbatches = 4;
  }

  /// The outcomes of all ranks. `stop_after`: a step, after which rank `stopping` asks for the end.
  std::vector<Outcome> train(std::int64_t rank_count, bool resume = false,
                             std::int64_t stop_after = -1, std::int64_t stopping = 0) const {
    std::vector<Outcome> outcomes(static_cast<std::size_t>(rank_count));
    ThreadRanks::run(rank_count, [&](Ranks& ranks) {
      EvenAlignmentLoss loss;
      SmallTraining training(directory_.path() / "checkpoint", loss, options_, {}, {}, ranks);
      if (resume) training.trainer.resume();
      is_any(ranks, false);  // rank 0 does not write before all have read
      RecordingObserver observer(ranks.rank() == stopping ? stop_after : -1);
      const bool is_whole = training.trainer.run(observer);
      outcomes[static_cast<std::size_t>(ranks.rank())] = {
          is_whole, training.values(), observer.steps, observer.epochs, observer.checkpoints};
    });
    return outcomes;
  }
  static void expect_equal_progress(const Outcome& a, const Outcome& b) {
    ASSERT_EQ(a.steps.size(), b.steps.size());
    for (std::size_t i = 0; i < a.steps.size(); ++i) {
      EXPECT_EQ(a.steps[i].loss_per_frame, b.steps[i].loss_per_frame);
      EXPECT_EQ(a.steps[i].gradient_norm, b.steps[i].gradient_norm);
      EXPECT_EQ(a.steps[i].source_frames, b.steps[i].source_frames);
    }
    ASSERT_EQ(a.epochs.size(), b.epochs.size());
    for (std::size_t i = 0; i < a.epochs.size(); ++i) {
      EXPECT_EQ(a.epochs[i].validation.label_error_rate, b.epochs[i].validation.label_error_rate);
      EXPECT_EQ(a.epochs[i].validation.label_count, b.epochs[i].validation.label_count);
      EXPECT_NEAR(a.epochs[i].validation.loss_per_frame, b.epochs[i].validation.loss_per_frame,
                  1e-12);
    }
  }

  testing::TemporaryDirectory directory_;
  TrainerOptions options_;
};

TEST_F(TrainerRanks, OneTwoAndFourOfThemComputeTheSameBits) {
  const Outcome alone = train(1).front();
  ASSERT_TRUE(alone.is_whole);
  for (const std::int64_t count : {2, 4}) {
    const std::vector<Outcome> all = train(count);
    for (const Outcome& one : all) {
      EXPECT_TRUE(one.is_whole);
      EXPECT_EQ(one.values, alone.values) << count << " ranks";
      expect_equal_progress(one, alone);
      EXPECT_EQ(one.checkpoints, &one == &all.front() ? options_.epochs : 0);
    }
  }
}

TEST_F(TrainerRanks, NumbersThatAreNoPowersOfTwoAgreeUpToRounding) {
  options_.epochs = 1;
  options_.microbatches = 6;
  const Outcome alone = train(1).front();
  for (const std::int64_t count : {2, 3, 6}) {
    const std::vector<Outcome> all = train(count);
    for (std::size_t i = 0; i < alone.values.size(); ++i) {
      ASSERT_NEAR(all[0].values[i], alone.values[i], 2e-4) << count << " ranks, value " << i;
    }
    EXPECT_EQ(all.back().values, all.front().values);
    EXPECT_EQ(train(count).front().values, all.front().values) << "not the same bits again";
  }
}

TEST_F(TrainerRanks, OneThatIsToldToStopStopsAllAndAnotherNumberGoesOn) {
  const Outcome whole = train(2).front();
  for (const Outcome& one : train(4, false, 3, 2)) {
    EXPECT_FALSE(one.is_whole);
    EXPECT_EQ(one.steps.size(), 3U);
  }
  const std::vector<Outcome> resumed = train(2, true);
  for (const Outcome& one : resumed) {
    EXPECT_EQ(one.steps.front().step, 4);
    EXPECT_EQ(one.values, whole.values);
  }
}

TEST_F(TrainerRanks, NoticeThatOneHasOtherWeights) {
  std::mutex mutex;
  std::vector<std::string> errors;
  ThreadRanks::run(2, [&](Ranks& ranks) {
    EvenAlignmentLoss loss;
    SmallTraining training(directory_.path() / "checkpoint", loss, options_, {}, {}, ranks);
    if (ranks.rank() == 1) training.backend->fill(0.5F, training.network.parameters()[0]->value);
    RecordingObserver observer;
    try {
      training.trainer.run(observer);
    } catch (const SharedError& error) {
      const std::lock_guard lock(mutex);
      errors.emplace_back(error.what());
    }
  });
  EXPECT_THAT(errors, ::testing::ElementsAre(HasSubstr("rank 1 has other weights than rank 0"),
                                             HasSubstr("rank 1 has other weights than rank 0")));
}

TEST_F(TrainerRanks, EachNeedsMicrobatchesOfItsOwn) {
  options_.microbatches = 0;
  EvenAlignmentLoss loss;
  EXPECT_THROW(SmallTraining(directory_.path() / "checkpoint", loss, options_),
               std::invalid_argument);
  options_.microbatches = 4;
  ThreadRanks::run(3, [&](Ranks& ranks) {
    EvenAlignmentLoss own;
    EXPECT_THROW(SmallTraining(directory_.path() / "checkpoint", own, options_, {}, {}, ranks),
                 std::invalid_argument);
  });
}

}  // namespace
}  // namespace harpy

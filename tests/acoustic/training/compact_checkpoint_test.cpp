#include "acoustic/training/compact_checkpoint.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/acoustic/training/trainer_fixture.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

/// A large and a small value with all that belongs to them.
struct Tensors {
  Tensors(Backend& backend, std::int64_t rows, double scale) {
    const auto filled = [&](const Shape& shape, std::uint64_t key, double low) {
      KeyedRandom random{key};
      std::vector<float> values(static_cast<std::size_t>(shape.size()));
      for (float& value : values) value = static_cast<float>(scale * random.uniform(low, 1.0));
      return backend.from_host(shape, values);
    };
    const Shape large{rows, 20};
    const Shape small{20};
    tensors.push_back(filled(large, 1, -1.0));
    tensors.push_back(filled(small, 2, -1.0));
    // Averages near their values.
    tensors.push_back(filled(large, 3, -1.0));
    backend.scale(0.01F, tensors.back());
    backend.add_scaled(1.0F, tensors[0], tensors.back());
    tensors.push_back(filled(small, 4, -1.0));
    for (const std::uint64_t key : {5U, 7U}) {
      tensors.push_back(filled(large, key, key == 5 ? 0.0 : -1.0));
      tensors.push_back(filled(small, key + 1, key == 5 ? 0.0 : -1.0));
    }
  }

  CompactTensors named() {
    return {{{"weight", &tensors[0]}, {"bias", &tensors[1]}},
            {{"weight", &tensors[2]}, {"bias", &tensors[3]}},
            {{"moment2.0", &tensors[4]}, {"moment2.1", &tensors[5]}},
            {{"moment1.0", &tensors[6]}, {"moment1.1", &tensors[7]}}};
  }

  std::vector<Tensor> tensors;
};

class CompactCheckpointTest : public ::testing::Test {
 protected:
  CompactCheckpointTest() : backend_(create_backend({})), written_(*backend_, 100, 1.0) {
    progress_.seed = 5;
    progress_.step = 77;
    progress_.best_epoch = 3;
    progress_.best_error_rate = 0.25;
  }

  std::filesystem::path path() const { return directory_.path() / "checkpoint.compact"; }
  void write() { write_compact_checkpoint(path(), *backend_, progress_, written_.named()); }
  std::string error_of(const CompactTensors& into) {
    try {
      read_compact_checkpoint(path(), *backend_, into);
    } catch (const std::runtime_error& error) {
      return error.what();
    }
    return "no error";
  }
  std::vector<float> values(const Tensor& tensor) const { return backend_->to_host(tensor); }

  testing::TemporaryDirectory directory_;
  std::unique_ptr<Backend> backend_;
  Tensors written_;
  TrainingProgress progress_;
};

TEST_F(CompactCheckpointTest, SmallTensorsComeBackAsTheyWereAndLargeOnesNearly) {
  write();
  Tensors read(*backend_, 100, 0.5);
  EXPECT_EQ(read_compact_checkpoint(path(), *backend_, read.named()), progress_);
  for (const std::size_t small : {1U, 3U, 5U, 7U}) {
    EXPECT_EQ(values(read.tensors[small]), values(written_.tensors[small]));
  }
  // Values: distances of at most 0.01 and half a step of the average, at 8 bits.
  EXPECT_THAT(values(read.tensors[0]), ::testing::Pointwise(::testing::FloatNear(0.015F / 254.0F),
                                                            values(written_.tensors[0])));
  EXPECT_THAT(values(read.tensors[2]), ::testing::Pointwise(::testing::FloatNear(1.02F / 254.0F),
                                                            values(written_.tensors[2])));
  EXPECT_THAT(values(read.tensors[4]),
              ::testing::Pointwise(::testing::FloatNear(0.8F), values(written_.tensors[4])));
  EXPECT_THAT(values(read.tensors[6]), Each(0.0F));
}

TEST_F(CompactCheckpointTest, TakesAtMostTenMegabytesForFourAndAHalfMillionParameters) {
  constexpr double kParameters = 4.5e6;
  Tensors large(*backend_, 20000, 1.0);
  write_compact_checkpoint(path(), *backend_, progress_, large.named());
  const double bytes_a_parameter =
      static_cast<double>(std::filesystem::file_size(path())) / (20000.0 * 20.0);
  // The test's matrix is 20 wide, so its row sums alone take 0.2 bytes a parameter.
  EXPECT_LT((bytes_a_parameter - 0.2) * kParameters, 10e6);
}

TEST_F(CompactCheckpointTest, RefusesOtherTensors) {
  EXPECT_THAT(error_of(written_.named()), HasSubstr("no such checkpoint"));
  write();
  Tensors other(*backend_, 101, 1.0);
  EXPECT_THAT(error_of(other.named()), HasSubstr("another network"));
  CompactTensors renamed = written_.named();
  renamed.values[0].name = "height";
  EXPECT_THAT(error_of(renamed), HasSubstr("expected height, found weight"));
  CompactTensors fewer = written_.named();
  fewer.squares.pop_back();
  EXPECT_THAT(error_of(fewer), HasSubstr("another network"));
  std::ofstream(path(), std::ios::binary) << "HFPCKPT2 and more that is no compact checkpoint";
  EXPECT_THAT(error_of(written_.named()), HasSubstr("not a compact checkpoint"));
}

TEST_F(CompactCheckpointTest, RefusesTruncationsAndAlteredBytesAndChangesNothing) {
  write();
  std::ifstream in(path(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  Tensors into(*backend_, 100, 0.5);
  const std::vector<float> before = values(into.tensors[0]);
  for (std::size_t i = 0; i < bytes.size(); i += i < 200 ? 1 : 97) {
    std::ofstream(path(), std::ios::binary) << bytes.substr(0, i);
    EXPECT_NE(error_of(into.named()), "no error") << i;
    std::string altered = bytes;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    std::ofstream(path(), std::ios::binary) << altered;
    EXPECT_NE(error_of(into.named()), "no error") << i;
  }
  EXPECT_EQ(values(into.tensors[0]), before);
}

TEST_F(CompactCheckpointTest, TrainingGoesOnFromIt) {
  TrainerOptions options;
  options.epochs = 10;
  options.average_decay = 0.9;
  options.learning_rate.peak = 0.01F;
  options.learning_rate.warmup_steps = 5;
  testing::EvenAlignmentLoss loss;
  const auto exact = directory_.path() / "checkpoint";
  testing::SyntheticData data;
  data.dim = 24;  // so that the weights are large enough to be made compact
  testing::SmallTraining whole(exact, loss, options, data);
  testing::RecordingObserver straight;
  ASSERT_TRUE(whole.trainer.run(straight));

  testing::RecordingObserver first(whole.trainer.total_steps() / 2);
  testing::SmallTraining before(exact, loss, options, data, path());
  ASSERT_FALSE(before.trainer.run(first));
  ASSERT_TRUE(std::filesystem::exists(path()));

  testing::SmallTraining after(directory_.path() / "other", loss, options, data);
  after.trainer.resume_compact(path());
  EXPECT_EQ(after.trainer.epoch(), static_cast<std::int64_t>(first.epochs.size()));
  testing::RecordingObserver second;
  ASSERT_TRUE(after.trainer.run(second));
  ASSERT_FALSE(second.epochs.empty());
  // The loss goes on where it was, and ends where it would have.
  EXPECT_NEAR(second.steps[0].loss_per_frame, first.steps.back().loss_per_frame,
              0.05 * first.steps.back().loss_per_frame);
  EXPECT_NEAR(second.epochs.back().loss_per_frame, straight.epochs.back().loss_per_frame,
              0.1 * straight.epochs.back().loss_per_frame + 0.01);
  EXPECT_NEAR(second.epochs.back().validation.loss_per_frame,
              straight.epochs.back().validation.loss_per_frame,
              0.1 * straight.epochs.back().validation.loss_per_frame + 0.01);
}

}  // namespace
}  // namespace harpy

#include "acoustic/acoustic_stream.hpp"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <random>
#include <stdexcept>

#include "acoustic/backend/cpu/cpu_memory.hpp"
#include "tests/acoustic/random_values.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

boost::json::object description() {
  return boost::json::parse(R"({"input_dim": 4, "trunk": [
      {"type": "convolution", "output_dim": 24, "kernel": 3, "stride": 3},
      {"type": "batch_norm"}, {"type": "relu"},
      {"type": "residual", "layers": [
        {"type": "convolution", "output_dim": 24, "kernel": 3, "dilation": 2}, {"type": "relu"}]}],
    "heads": {"ctc": [{"type": "linear", "output_dim": 9}, {"type": "log_softmax"}]}})")
      .as_object();
}

class AcousticStreaming : public ::testing::Test {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({});
  std::shared_ptr<const AcousticModel> model_ =
      std::make_shared<const AcousticModel>(Network(*backend_, description(), 8));
  std::mt19937 random_{2};

  /// Accepts in pieces of at most `longest` frames, takes at most `longest` frames after each.
  std::vector<float> streamed(const std::vector<float>& features, std::int64_t longest,
                              std::int64_t block_frames) {
    AcousticStream stream(model_, *backend_, {.head = "ctc", .block_frames = block_frames});
    std::vector<float> all;
    const auto take = [&](std::int64_t count) {
      const std::vector<float> values = backend_->to_host(stream.take(*backend_, count));
      all.insert(all.end(), values.begin(), values.end());
    };
    std::span<const float> rest = features;
    while (!rest.empty()) {
      const std::size_t count =
          std::min(rest.size(), 4 * (random_() % static_cast<std::uint64_t>(longest + 1)));
      stream.accept(*backend_, rest.first(count));
      rest = rest.subspan(count);
      take(static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(longest + 1)));
    }
    stream.finish(*backend_);
    EXPECT_TRUE(stream.finished());
    take(1 << 20);
    EXPECT_EQ(stream.frames_ready(), 0);
    return all;
  }
};

TEST_F(AcousticStreaming, GivesTheSameBitsHoweverTheFeaturesAreCut) {
  for (const std::int64_t frames : {0, 1, 11, 12, 96, 150}) {
    const std::vector<float> features = random_values(frames * 4, random_);
    for (const std::int64_t block_frames : {1, 4, 16}) {
      const std::vector<float> expected = streamed(features, frames + 1, block_frames);
      for (int round = 0; round < 10; ++round) {
        EXPECT_EQ(streamed(features, 1 + static_cast<std::int64_t>(random_() % 30), block_frames),
                  expected);
      }
    }
  }
}

TEST_F(AcousticStreaming, EqualsTheWholeUtterance) {
  for (const std::int64_t frames : {0, 1, 2, 3, 50, 151}) {
    const std::vector<float> features = random_values(frames * 4, random_);
    const Tensor x = backend_->from_host({1, frames, 4}, features);
    const auto whole = backend_->to_host(model_->network().forward(*backend_, x, nullptr)[0]);
    EXPECT_LT(largest_difference(streamed(features, 17, 5), whole), 1e-5) << frames;
  }
}

TEST_F(AcousticStreaming, ReachesNoSystemAllocationOnceItRunsSteadily) {
  const auto memory = std::dynamic_pointer_cast<cpu::CpuMemory>(backend_->memory());
  ASSERT_NE(memory, nullptr);
  AcousticStream stream(model_, *backend_, {.head = "ctc", .block_frames = 4});
  const std::vector<float> block = random_values(12 * 4, random_);
  std::size_t before = 0;
  for (int i = 0; i < 40; ++i) {
    if (i == 10) before = memory->system_allocation_count();
    stream.accept(*backend_, block);
    stream.take(*backend_, 100);
  }
  EXPECT_EQ(memory->system_allocation_count(), before);
}

TEST_F(AcousticStreaming, RefusesWrongUse) {
  EXPECT_THROW(AcousticStream(model_, *backend_, {.head = "xent"}), std::invalid_argument);
  EXPECT_THROW(AcousticStream(model_, *backend_, {.head = "ctc", .block_frames = 0}),
               std::invalid_argument);
  AcousticStream stream(model_, *backend_, {.head = "ctc"});
  EXPECT_EQ(stream.output_dim(), 9);
  EXPECT_THROW(stream.accept(*backend_, std::vector<float>(5)), std::invalid_argument);
  stream.finish(*backend_);
  EXPECT_THROW(stream.finish(*backend_), std::logic_error);
  EXPECT_THROW(stream.accept(*backend_, std::vector<float>(4)), std::logic_error);
}

TEST_F(AcousticStreaming, WorksFromAFileAsFromTheNetworkItself) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "acoustic.safetensors";
  Network network(*backend_, description(), 8);
  write_network_file(path, *backend_, network.tensors(), {{"features", "fbank"}});
  const std::vector<float> features = random_values(30 * 4, random_);
  const std::vector<float> expected = streamed(features, 10, 4);
  model_ = AcousticModel::load(*backend_, description(), path);
  EXPECT_EQ(model_->metadata().at("features"), "fbank");
  EXPECT_EQ(model_->feature_dim(), 4);
  EXPECT_EQ(streamed(features, 10, 4), expected);
}

}  // namespace
}  // namespace harpy::testing

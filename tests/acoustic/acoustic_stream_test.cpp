#include "acoustic/acoustic_batch.hpp"

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
      std::make_shared<const AcousticModel>(*backend_, Network(*backend_, description(), 8));
  std::mt19937 random_{2};
  bool repeats_edges_ = false;

  std::shared_ptr<const AcousticGrid> grid(std::int64_t block_frames) const {
    return std::make_shared<const AcousticGrid>(
        model_, AcousticStreamOptions{
                    .head = "ctc", .block_frames = block_frames, .repeats_edges = repeats_edges_});
  }

  /// Accepts in pieces of at most `longest` frames; some blocks wait for later pieces.
  std::vector<float> streamed(const std::vector<float>& features, std::int64_t longest,
                              std::int64_t block_frames) {
    const auto blocks = grid(block_frames);
    AcousticBatch batch(blocks, *backend_);
    AcousticStream stream(blocks, *backend_);
    AcousticStream* const pointer = &stream;
    std::vector<float> all;
    const auto advance = [&] {
      const std::vector<float> values = backend_->to_host(batch.advance({&pointer, 1})[0]);
      all.insert(all.end(), values.begin(), values.end());
    };
    std::span<const float> rest = features;
    while (!rest.empty()) {
      const std::size_t count =
          std::min(rest.size(), 4 * (random_() % static_cast<std::uint64_t>(longest + 1)));
      stream.accept(rest.first(count));
      rest = rest.subspan(count);
      while (stream.blocks_ready() > 0 && random_() % 4 != 0) advance();
    }
    stream.finish();
    EXPECT_TRUE(stream.finished());
    while (stream.blocks_ready() > 0) advance();
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

TEST_F(AcousticStreaming, RepeatedEdgesStandForFramesOutside) {
  const FrameContext context = model_->network().context();
  const std::int64_t before = (context.left + 2) / 3 * 3;
  ASSERT_GT(before, context.left) << "the test needs a context that is no multiple of 3";
  for (const std::int64_t frames : {0, 1, 2, 3, 50, 151}) {
    const std::vector<float> features = random_values(frames * 4, random_);
    std::vector<float> longer;
    for (std::int64_t t = -before; frames > 0 && t < frames + context.right; ++t) {
      const auto begin = features.begin() + std::clamp<std::int64_t>(t, 0, frames - 1) * 4;
      longer.insert(longer.end(), begin, begin + 4);
    }
    const Tensor x = backend_->from_host({1, std::ssize(longer) / 4, 4}, longer);
    const auto whole = backend_->to_host(model_->network().forward(*backend_, x, nullptr)[0]);
    const std::vector<float> expected(
        whole.begin() + (frames > 0 ? before / 3 * 9 : 0),
        whole.begin() + (frames > 0 ? (before / 3 + (frames + 2) / 3) * 9 : 0));
    repeats_edges_ = true;
    const std::vector<float> once = streamed(features, frames + 1, 5);
    EXPECT_LT(largest_difference(once, expected), 1e-5) << frames;
    for (int round = 0; round < 5; ++round) EXPECT_EQ(streamed(features, 7, 5), once);
  }
}

// Frames are told of as they come, their features are given block by block.
TEST_F(AcousticStreaming, FeaturesMayBeGivenWhenABlockWantsThem) {
  for (repeats_edges_ = false;; repeats_edges_ = true) {
    for (const std::int64_t block_frames : {1, 3}) {
      const std::vector<float> features = random_values(4 * 50, random_);
      const auto blocks = grid(block_frames);
      AcousticBatch batch(blocks, *backend_);
      AcousticStream stream(blocks, *backend_);
      AcousticStream* const pointer = &stream;
      std::vector<float> all;
      std::size_t given = 0;
      const auto advance = [&] {
        while (stream.blocks_ready() > 0) {
          const auto count = 4 * static_cast<std::size_t>(stream.frames_wanted());
          if (count > 0) {
            EXPECT_THROW(batch.advance({&pointer, 1}), std::invalid_argument);
          }
          stream.give(std::span(features).subspan(given, count));
          given += count;
          EXPECT_EQ(stream.frames_wanted(), 0);
          const std::vector<float> values = backend_->to_host(batch.advance({&pointer, 1})[0]);
          all.insert(all.end(), values.begin(), values.end());
        }
      };
      for (int piece = 0; piece < 5; ++piece) {
        stream.accept_frames(10);
        advance();
      }
      stream.finish();
      advance();
      EXPECT_EQ(given, features.size());
      EXPECT_THROW(stream.give(std::span(features).first(4)), std::invalid_argument);
      EXPECT_EQ(all, streamed(features, 50, block_frames)) << repeats_edges_ << block_frames;
    }
    if (repeats_edges_) break;
  }
}

TEST_F(AcousticStreaming, ManyStreamsInBucketsGiveWhatEachGivesAlone) {
  constexpr std::size_t kStreams = 23;
  const auto blocks = grid(4);
  const std::vector<float> offsets{-1.0F, 0, 0, 0, 0, 0, 0, 0, 2.0F};
  const Tensor device_offsets = backend_->from_host({9}, offsets);
  AcousticBatch batch(blocks, *backend_,
                      {.bucket_sizes = {2, 5, 8}, .output_offsets = device_offsets});
  std::vector<std::vector<float>> features;
  std::vector<std::unique_ptr<AcousticStream>> streams;
  std::vector<std::vector<float>> outputs(kStreams);
  for (std::size_t i = 0; i < kStreams; ++i) {
    features.push_back(random_values(4 * static_cast<std::int64_t>(random_() % 120), random_));
    streams.push_back(std::make_unique<AcousticStream>(blocks, *backend_));
  }
  std::size_t finished = 0;
  std::vector<std::size_t> position(kStreams);
  while (finished < kStreams) {
    finished = 0;
    std::vector<AcousticStream*> ready;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < kStreams; ++i) {
      const std::size_t count = std::min(features[i].size() - position[i], 4 * (random_() % 30));
      if (!streams[i]->finished()) {
        streams[i]->accept(std::span(features[i]).subspan(position[i], count));
        position[i] += count;
        if (position[i] == features[i].size()) streams[i]->finish();
      }
      if (streams[i]->blocks_ready() > 0) {
        ready.push_back(streams[i].get());
        numbers.push_back(i);
      } else if (streams[i]->finished()) {
        ++finished;
      }
    }
    const std::span<const TensorView> rows = batch.advance(ready);
    ASSERT_EQ(rows.size(), ready.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<float> values = backend_->to_host(rows[i]);
      outputs[numbers[i]].insert(outputs[numbers[i]].end(), values.begin(), values.end());
    }
  }
  for (std::size_t i = 0; i < kStreams; ++i) {
    std::vector<float> expected = streamed(features[i], 50, 4);
    for (std::size_t value = 0; value < expected.size(); ++value) {
      expected[value] += offsets[value % 9];
    }
    EXPECT_LT(largest_difference(outputs[i], expected), 1e-5) << i;
  }
}

TEST_F(AcousticStreaming, ReachesNoSystemAllocationOnceItRunsSteadily) {
  const auto memory = std::dynamic_pointer_cast<cpu::CpuMemory>(backend_->memory());
  ASSERT_NE(memory, nullptr);
  const auto blocks = grid(4);
  AcousticBatch batch(blocks, *backend_);
  AcousticStream stream(blocks, *backend_);
  AcousticStream* const pointer = &stream;
  const std::vector<float> block = random_values(12 * 4, random_);
  std::size_t before = 0;
  for (int i = 0; i < 40; ++i) {
    if (i == 10) before = memory->system_allocation_count();
    stream.accept(block);
    batch.advance({&pointer, 1});
  }
  EXPECT_EQ(memory->system_allocation_count(), before);
}

TEST_F(AcousticStreaming, RefusesWrongUse) {
  EXPECT_THROW(AcousticGrid(model_, {.head = "xent"}), std::invalid_argument);
  EXPECT_THROW(AcousticGrid(model_, {.head = "ctc", .block_frames = 0}), std::invalid_argument);
  const auto blocks = grid(8);
  EXPECT_EQ(blocks->output_dim(), 9);
  EXPECT_EQ(blocks->input_frames(), 24);
  EXPECT_THROW(AcousticBatch(blocks, *backend_, {.bucket_sizes = {}}), std::invalid_argument);
  EXPECT_THROW(AcousticBatch(blocks, *backend_, {.bucket_sizes = {2, 2}}), std::invalid_argument);
  AcousticBatch batch(blocks, *backend_);
  AcousticStream stream(blocks, *backend_);
  AcousticStream* pointer = &stream;
  EXPECT_THROW(batch.advance({&pointer, 1}), std::invalid_argument);  // no block is ready
  EXPECT_THROW(stream.accept(std::vector<float>(5)), std::invalid_argument);
  stream.finish();
  EXPECT_THROW(stream.finish(), std::logic_error);
  EXPECT_THROW(stream.accept(std::vector<float>(4)), std::logic_error);
  EXPECT_EQ(stream.blocks_ready(), 0);
  AcousticStream other(grid(8), *backend_);
  other.accept(std::vector<float>(24 * 4));
  pointer = &other;
  EXPECT_THROW(batch.advance({&pointer, 1}), std::invalid_argument);  // another grid
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

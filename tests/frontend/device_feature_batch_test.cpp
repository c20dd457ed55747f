#include "frontend/device_feature_batch.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "frontend/compute_features.hpp"
#include "tests/frontend/whole_batch.hpp"

namespace harpy {
namespace {

std::vector<float> noise(std::size_t count, std::mt19937& random) {
  std::uniform_real_distribution<float> value(-0.5F, 0.5F);
  std::vector<float> samples(count);
  for (float& sample : samples) sample = value(random);
  return samples;
}

class DeviceFeatureBatchTest : public ::testing::TestWithParam<Device> {
 protected:
  std::unique_ptr<Backend> backend_ = create_backend({.device = GetParam()});
};

INSTANTIATE_TEST_SUITE_P(Devices, DeviceFeatureBatchTest, ::testing::ValuesIn(available_devices()));

TEST_P(DeviceFeatureBatchTest, BlocksOfManyStreamsAreTheFeaturesOfEachWhole) {
  constexpr std::int64_t kBlockFrames = 12;
  const FeatureOptions options{.kind = FeatureKind::kLogMel, .bin_count = 20};
  const auto extractor = std::make_shared<const FeatureExtractor>(options);
  DeviceFeatureBatch batch(*backend_, options);
  std::mt19937 random(3);
  std::vector<std::vector<float>> sounds;
  std::vector<DeviceFeatureStream> streams;
  std::vector<std::int64_t> frames_waiting(6);
  std::vector<std::size_t> position(6);
  std::vector<std::vector<float>> rows(6);
  for (std::size_t i = 0; i < 6; ++i) {
    sounds.push_back(noise(i * 2500 + i, random));
    streams.emplace_back(extractor);
  }
  Tensor features = backend_->empty({7, kBlockFrames, 20});
  for (bool goes_on = true; goes_on;) {
    goes_on = false;
    std::vector<DeviceFeatureStream*> ready;
    std::vector<std::size_t> numbers;
    for (std::size_t i = 0; i < 6; ++i) {
      const std::size_t count =
          std::min<std::size_t>(sounds[i].size() - position[i], random() % 900);
      frames_waiting[i] += streams[i].accept(std::span(sounds[i]).subspan(position[i], count));
      position[i] += count;
      const bool is_over = position[i] == sounds[i].size();
      goes_on |= !is_over || frames_waiting[i] > 0;
      if (frames_waiting[i] < kBlockFrames && !is_over) continue;
      ready.push_back(&streams[i]);
      numbers.push_back(i);
    }
    harpy::testing::compute_batch(*backend_, batch, ready, features);
    const std::vector<float> values = backend_->to_host(features);
    for (std::size_t row = 0; row < ready.size(); ++row) {
      const std::size_t i = numbers[row];
      const std::int64_t frames = std::min(kBlockFrames, frames_waiting[i]);
      const auto begin = values.begin() + static_cast<std::ptrdiff_t>(row * kBlockFrames * 20);
      rows[i].insert(rows[i].end(), begin, begin + frames * 20);
      frames_waiting[i] -= frames;
    }
  }
  for (std::size_t i = 0; i < 6; ++i) {
    const std::vector<float> expected = compute_features(*extractor, sounds[i]);
    ASSERT_EQ(rows[i].size(), expected.size()) << i;
    for (std::size_t value = 0; value < expected.size(); ++value) {
      ASSERT_NEAR(rows[i][value], expected[value], 1e-3) << i;
    }
  }
}

TEST(DeviceFeatureBatch, SaysWhichFeaturesItComputes) {
  EXPECT_TRUE(DeviceFeatureBatch::supports({.kind = FeatureKind::kLogMel}));
  EXPECT_FALSE(DeviceFeatureBatch::supports({.kind = FeatureKind::kMfcc}));
  EXPECT_FALSE(DeviceFeatureBatch::supports({.kind = FeatureKind::kLogMel, .snip_edges = false}));
  EXPECT_FALSE(
      DeviceFeatureBatch::supports({.kind = FeatureKind::kLogMel, .frame_length_ms = 200.0}));
  const auto extractor = std::make_shared<const FeatureExtractor>(
      FeatureOptions{.kind = FeatureKind::kLogMel, .snip_edges = false});
  EXPECT_THROW(DeviceFeatureStream{extractor}, std::invalid_argument);
}

}  // namespace
}  // namespace harpy

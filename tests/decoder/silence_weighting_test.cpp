#include "decoder/silence_weighting.hpp"

#include <gtest/gtest.h>

#include <random>

namespace harpy {
namespace {

constexpr float kWeight = 0.25F;

/// Four inputs: a pause, two states of speech and a word made of noise.
FrameLabels labels_with_noise() {
  FrameLabels labels;
  labels.listed = {{.label = 0, .flags = ListedInput::kBeginsLabel},
                   {.label = 1, .flags = ListedInput::kBeginsLabel},
                   {.label = 1},
                   {.label = 2, .flags = ListedInput::kIsSilence}};
  return labels;
}

std::vector<float> weigh(const std::vector<std::int32_t>& inputs, std::int32_t max_state_frames) {
  std::vector<float> weights{7.0F};
  weigh_silence(inputs, labels_with_noise(),
                {.silence_weight = kWeight, .max_state_frames = max_state_frames}, weights);
  return weights;
}

TEST(SilenceWeighting, PausesNoiseAndFramesWithoutInputCountLess) {
  EXPECT_EQ(weigh({1, 2, 3, 4, 0, 3}, 0),
            (std::vector<float>{kWeight, 1.0F, 1.0F, kWeight, kWeight, 1.0F}));
  EXPECT_TRUE(weigh({}, 3).empty());
}

TEST(SilenceWeighting, StatesThatLastLongCountAsSilence) {
  EXPECT_EQ(weigh({2, 3, 3, 2, 2, 2}, 3),
            (std::vector<float>{1.0F, 1.0F, 1.0F, kWeight, kWeight, kWeight}));
}

// By definition, frame by frame: how far its state reaches to both sides.
TEST(SilenceWeighting, EqualsItsDefinition) {
  std::mt19937 random(3);
  const FrameLabels labels = labels_with_noise();
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int32_t> inputs(random() % 40);
    for (std::int32_t& input : inputs) input = static_cast<std::int32_t>(random() % 5);
    const auto longest = static_cast<std::int32_t>(random() % 5);
    const std::vector<float> weights = weigh(inputs, longest);
    ASSERT_EQ(weights.size(), inputs.size());
    for (std::size_t frame = 0; frame < inputs.size(); ++frame) {
      std::size_t begin = frame;
      while (begin > 0 && inputs[begin - 1] == inputs[frame]) --begin;
      std::size_t end = frame;
      while (end < inputs.size() && inputs[end] == inputs[frame]) ++end;
      const bool is_silence = inputs[frame] == 0 || inputs[frame] == 1 || inputs[frame] == 4 ||
                              (longest > 0 && end - begin >= static_cast<std::size_t>(longest));
      ASSERT_EQ(weights[frame], is_silence ? kWeight : 1.0F) << round << " " << frame;
    }
  }
}

// A path of frames that were weighed as its end only.
TEST(SilenceWeighting, LooksAsFarBackAsStatesCount) {
  EXPECT_EQ(SilenceWeighting{}.frames_looked_at(), 100);
  EXPECT_EQ((SilenceWeighting{.max_state_frames = 40}).frames_looked_at(), 140);
}

}  // namespace
}  // namespace harpy

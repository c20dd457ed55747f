#include "decoder/silence_weighting.hpp"

#include <gtest/gtest.h>

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

std::vector<float> weigh(const std::vector<std::int32_t>& inputs) {
  std::vector<float> weights{7.0F};
  weigh_silence(inputs, labels_with_noise(), kWeight, weights);
  return weights;
}

TEST(SilenceWeighting, PausesNoiseAndFramesWithoutInputCountLess) {
  EXPECT_EQ(weigh({1, 2, 3, 4, 0, 3}),
            (std::vector<float>{kWeight, 1.0F, 1.0F, kWeight, kWeight, 1.0F}));
  EXPECT_TRUE(weigh({}).empty());
}

}  // namespace
}  // namespace harpy

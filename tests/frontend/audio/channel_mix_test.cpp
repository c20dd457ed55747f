#include "frontend/audio/channel_mix.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "frontend/audio/audio_file.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr int kRateHz = 16000;

/// Frames whose channels are the given multiples of one sound, with a quiet noise of their own.
std::vector<float> channels_of(const std::vector<float>& sound, const std::vector<float>& gains,
                               float noise = 0.0F) {
  std::mt19937 random(5);
  std::normal_distribution<float> normal;
  std::vector<float> frames;
  for (const float sample : sound) {
    for (const float gain : gains) frames.push_back(gain * sample + noise * normal(random));
  }
  return frames;
}

struct Mixed {
  std::vector<float> mono;
  std::optional<int> taken_channel;
};

Mixed mix(const std::vector<float>& frames, int channel_count, std::size_t piece_frames = 1000) {
  ChannelMix mix(channel_count, kRateHz);
  Mixed mixed;
  const std::size_t piece = piece_frames * static_cast<std::size_t>(channel_count);
  for (std::size_t begin = 0; begin < frames.size(); begin += piece) {
    mix.add(std::span(frames).subspan(begin, std::min(piece, frames.size() - begin)), mixed.mono);
  }
  mix.finish(mixed.mono);
  mixed.taken_channel = mix.taken_channel();
  return mixed;
}

double power(const std::vector<float>& samples) {
  double sum = 0.0;
  for (const float sample : samples) sum += double{sample} * sample;
  return sum / static_cast<double>(samples.size());
}

TEST(ChannelMix, TakesOneOfTwoChannelsThatCancelEachOther) {
  const auto sound = testing::glide(3 * kRateHz);
  for (const float gain : {-1.0F, -0.95F, -0.8F, -1.2F}) {
    const Mixed mixed = mix(channels_of(sound, {1.0F, gain}, 0.001F), 2);
    EXPECT_EQ(mixed.taken_channel.has_value(), true) << gain;
    const bool are_equal = gain == -1.0F;
    EXPECT_TRUE(are_equal || mixed.taken_channel == (gain < -1.0F ? 1 : 0)) << gain;
    EXPECT_GT(power(mixed.mono), 0.9 * power(sound));
  }
}

TEST(ChannelMix, TakesTheLoudestOfManyChannelsThatCancelEachOther) {
  const Mixed mixed =
      mix(channels_of(testing::glide(2 * kRateHz), {0.5F, -0.5F, 1.0F, -1.0F}, 0.001F), 4);
  EXPECT_THAT(mixed.taken_channel, ::testing::AnyOf(2, 3));
}

TEST(ChannelMix, SeesThemCancelAfterALongSilence) {
  std::vector<float> sound(60 * kRateHz);
  const auto speech = testing::glide(2 * kRateHz);
  sound.insert(sound.end(), speech.begin(), speech.end());
  EXPECT_EQ(mix(channels_of(sound, {1.0F, -1.0F}, 0.0005F), 2).taken_channel.has_value(), true);
}

TEST(ChannelMix, SeesThemCancelInARecordingShorterThanAWindow) {
  EXPECT_EQ(mix(channels_of(testing::glide(3000), {1.0F, -1.0F}), 2).taken_channel, 0);
}

TEST(ChannelMix, IsTheMeanOfAllOthers) {
  const auto sound = testing::glide(2 * kRateHz);
  for (const std::vector<float>& gains : {std::vector<float>{1.0F, 1.0F},
                                          {1.0F, 0.0F},
                                          {0.0F, 1.0F},
                                          {1.0F, 0.5F},
                                          {1.0F, -0.4F},
                                          {1.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F, 0.0F}}) {
    const auto frames = channels_of(sound, gains, 0.01F);
    const Mixed mixed = mix(frames, static_cast<int>(gains.size()));
    EXPECT_EQ(mixed.taken_channel, std::nullopt);
    ASSERT_EQ(mixed.mono.size(), sound.size());
    for (std::size_t t = 0; t < sound.size(); t += 97) {
      float mean = 0.0F;
      for (std::size_t c = 0; c < gains.size(); ++c) mean += frames[t * gains.size() + c];
      ASSERT_FLOAT_EQ(mixed.mono[t], mean / static_cast<float>(gains.size()));
    }
  }
}

TEST(ChannelMix, IsNotMisledByConstantsOrQuietHum) {
  const auto sound = testing::glide(2 * kRateHz);
  std::vector<float> frames = channels_of(sound, {0.1F, 0.1F}, 0.001F);
  for (std::size_t t = 0; t < frames.size() / 2; ++t) {
    const float hum = 0.002F * std::sin(0.02F * static_cast<float>(t));
    frames[2 * t] += 0.3F + hum;
    frames[2 * t + 1] -= 0.3F + hum;
  }
  EXPECT_EQ(mix(frames, 2).taken_channel, std::nullopt);
}

TEST(ChannelMix, OfTwoSpeakersOnTwoChannelsIsTheirMean) {
  const auto sound = testing::glide(4 * kRateHz);
  std::vector<float> frames(2 * sound.size());
  for (std::size_t t = 0; t < sound.size(); ++t) frames[2 * t + (t / kRateHz) % 2] = sound[t];
  EXPECT_EQ(mix(frames, 2).taken_channel, std::nullopt);
}

TEST(ChannelMix, DoesNotDependOnHowTheInputIsCut) {
  std::vector<float> sound(kRateHz);
  const auto speech = testing::glide(3 * kRateHz + 123);
  sound.insert(sound.end(), speech.begin(), speech.end());
  const auto frames = channels_of(sound, {1.0F, -1.0F}, 0.002F);
  const Mixed whole = mix(frames, 2, frames.size());
  for (const std::size_t piece : {1U, 7U, 4999U, 8000U, 16384U}) {
    EXPECT_EQ(mix(frames, 2, piece).mono, whole.mono) << piece;
  }
}

TEST(ChannelMix, OfAFileWithInvertedChannelsIsTold) {
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "a.wav";
  testing::write_sound(path, {.channel_count = 2},
                       channels_of(testing::glide(2 * kRateHz), {0.5F, -0.5F}));
  AudioFile file(path);
  MonoReader reader(file);
  std::vector<float> mono;
  for (auto part = reader.read(777); !part.empty(); part = reader.read(777)) {
    mono.insert(mono.end(), part.begin(), part.end());
  }
  EXPECT_EQ(mono.size(), 2U * kRateHz);
  EXPECT_GT(power(mono), 0.01);
  EXPECT_THAT(reader.notes(), ElementsAre(HasSubstr("channel 1 is taken")));
  AudioFile again(path);
  MonoReader left(again, 0.0, std::nullopt, {.channel = 1});
  left.read();
  EXPECT_THAT(left.notes(), IsEmpty());
}

}  // namespace
}  // namespace harpy

#include "frontend/audio/audio_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "tests/frontend/audio/sound_writer.hpp"

namespace harpy {
namespace {

/// Sound of 3 channels at 10 kHz whose sample of frame t and channel c is 10 t + c.
class CountingSource : public AudioSource {
 public:
  explicit CountingSource(std::int64_t frames) : frames_(frames) {}
  const std::string& name() const override { return name_; }
  int sample_rate_hz() const override { return 10000; }
  int channel_count() const override { return 3; }
  std::span<const float> read(std::int64_t max_frames) override {
    buffer_.clear();
    for (std::int64_t i = 0; i < std::min<std::int64_t>(max_frames, 700) && next_ < frames_; ++i) {
      for (int c = 0; c < 3; ++c) buffer_.push_back(static_cast<float>(10 * next_ + c));
      ++next_;
    }
    return buffer_;
  }

 private:
  std::string name_ = "counting";
  std::int64_t frames_;
  std::int64_t next_ = 0;
  std::vector<float> buffer_;
};

std::vector<float> read_mono(MonoReader& reader, std::int64_t piece = 333) {
  std::vector<float> all;
  for (auto part = reader.read(piece); !part.empty(); part = reader.read(piece)) {
    EXPECT_LE(part.size(), static_cast<std::size_t>(piece));
    all.insert(all.end(), part.begin(), part.end());
  }
  EXPECT_TRUE(reader.read(piece).empty());
  return all;
}

TEST(MonoReader, MixesChannelsToTheirMean) {
  CountingSource source(2000);
  MonoReader reader(source);
  const auto samples = read_mono(reader);
  ASSERT_EQ(samples.size(), 2000U);
  for (std::size_t t = 0; t < samples.size(); ++t) {
    ASSERT_FLOAT_EQ(samples[t], static_cast<float>(10 * t + 1));
  }
}

TEST(MonoReader, TakesOneChannel) {
  for (int channel = 0; channel < 3; ++channel) {
    CountingSource source(1000);
    MonoReader reader(source, 0.0, std::nullopt, {.channel = channel});
    const auto samples = read_mono(reader);
    ASSERT_EQ(samples.size(), 1000U);
    for (std::size_t t = 0; t < samples.size(); ++t) {
      ASSERT_FLOAT_EQ(samples[t], static_cast<float>(10 * t) + static_cast<float>(channel));
    }
  }
}

TEST(MonoReader, ReadsAStretch) {
  CountingSource source(5000);
  MonoReader reader(source, 0.1234, 0.25);
  const auto samples = read_mono(reader);
  ASSERT_EQ(samples.size(), 2500U - 1234U);
  EXPECT_FLOAT_EQ(samples.front(), 12341.0F);
  EXPECT_FLOAT_EQ(samples.back(), 24991.0F);
}

TEST(MonoReader, StopsAtTheEndOfTheSourceWithinAStretch) {
  CountingSource source(1000);
  MonoReader reader(source, 0.05, 9.0);
  EXPECT_EQ(read_mono(reader).size(), 500U);
}

TEST(MonoReader, OfAnEmptyStretchGivesNothing) {
  CountingSource source(1000);
  MonoReader reader(source, 0.05, 0.05);
  EXPECT_TRUE(read_mono(reader).empty());
}

TEST(MonoReader, SaysWhenTheSourceEndsBeforeTheStretch) {
  CountingSource source(1000);
  MonoReader reader(source, 0.2);
  EXPECT_EQ(testing::error_of([&] { reader.read(); }),
            "counting: ends 1000 samples before the stretch asked for begins");
}

TEST(MonoReader, RefusesImpossibleStretchesAndChannels) {
  CountingSource source(1000);
  EXPECT_THROW(MonoReader(source, -1.0), std::invalid_argument);
  EXPECT_THROW(MonoReader(source, std::nan("")), std::invalid_argument);
  EXPECT_THROW(MonoReader(source, 2.0, 1.0), std::invalid_argument);
  EXPECT_THROW(MonoReader(source, 0.0, 1e300), std::invalid_argument);
  EXPECT_THROW(MonoReader(source, 0.0, std::nullopt, {.channel = 3}), std::invalid_argument);
  EXPECT_THROW(MonoReader(source, 0.0, std::nullopt, {.channel = -1}), std::invalid_argument);
  MonoReader reader(source);
  EXPECT_THROW(reader.read(0), std::invalid_argument);
}

TEST(ChannelReader, GivesEveryChannelInOnePass) {
  CountingSource source(2000);
  ChannelReader reader(source);
  ASSERT_EQ(reader.channel_count(), 3);
  std::int64_t next = 0;
  while (const std::int64_t count = reader.read(333)) {
    EXPECT_LE(count, 333);
    for (int c = 0; c < 3; ++c) {
      ASSERT_EQ(std::ssize(reader.channel(c)), count);
      for (std::int64_t i = 0; i < count; ++i) {
        ASSERT_EQ(reader.channel(c)[static_cast<std::size_t>(i)],
                  static_cast<float>(10 * (next + i) + c));
      }
    }
    next += count;
  }
  EXPECT_EQ(next, 2000);
  EXPECT_EQ(reader.read(), 0);
  EXPECT_TRUE(reader.channel(2).empty());
}

TEST(ChannelReader, GivesWhatAMonoReaderGivesOfEachChannelOfAStretch) {
  CountingSource source(5000);
  ChannelReader reader(source, 0.1234, 0.25);
  std::vector<float> apart[3];
  while (reader.read(400) > 0) {
    for (int c = 0; c < 3; ++c) {
      apart[c].insert(apart[c].end(), reader.channel(c).begin(), reader.channel(c).end());
    }
  }
  for (int c = 0; c < 3; ++c) {
    CountingSource again(5000);
    MonoReader mono(again, 0.1234, 0.25, {.channel = c});
    EXPECT_EQ(apart[c], read_mono(mono)) << c;
  }
}

TEST(ChannelReader, RefusesImpossibleStretchesAndChannels) {
  CountingSource source(1000);
  EXPECT_THROW(ChannelReader(source, -1.0), std::invalid_argument);
  EXPECT_THROW(ChannelReader(source, 2.0, 1.0), std::invalid_argument);
  ChannelReader reader(source);
  EXPECT_THROW(reader.read(0), std::invalid_argument);
  EXPECT_THROW(reader.channel(3), std::out_of_range);
  EXPECT_THROW(reader.channel(-1), std::out_of_range);
  ChannelReader late(source, 0.2);
  EXPECT_EQ(testing::error_of([&] { late.read(); }),
            "counting: ends 1000 samples before the stretch asked for begins");
}

}  // namespace
}  // namespace harpy

#include "tools/info/info_audio.hpp"

#include <cmath>
#include <numbers>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/audio/resampler.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/info/audio_levels.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::write_sound;
using ::testing::HasSubstr;

constexpr int kRate = 16000;

std::vector<float> sine(double amplitude, double hz, std::size_t count) {
  std::vector<float> samples(count);
  for (std::size_t i = 0; i < count; ++i) {
    samples[i] = static_cast<float>(
        amplitude * std::sin(2.0 * std::numbers::pi * hz * static_cast<double>(i) / kRate));
  }
  return samples;
}

std::vector<float> noise(std::size_t count, float level) {
  std::mt19937 random(5);
  std::vector<float> samples(count);
  for (float& sample : samples) {
    sample = level * (static_cast<float>(random()) / 2147483648.0F - 1.0F);
  }
  return samples;
}

AudioLevels levels_of(std::span<const float> samples, int rate_hz = kRate) {
  AudioLevels levels(rate_hz);
  levels.accept(samples);
  return levels;
}

TEST(AudioLevels, OfASineAreKnown) {
  const AudioLevels levels = levels_of(sine(0.5, 1000.0, 16000));
  EXPECT_EQ(levels.sample_count(), 16000);
  EXPECT_NEAR(levels.peak_dbfs().value(), -6.0206, 1e-3);
  EXPECT_NEAR(levels.rms_dbfs().value(), -9.0309, 1e-3);
  EXPECT_NEAR(levels.dc_offset(), 0.0, 1e-6);
  EXPECT_EQ(levels.clipped_sample_count(), 0);
}

TEST(AudioLevels, OfSilenceAndOfNothingAreAbsent) {
  for (const std::size_t count : {0U, 5000U}) {
    const AudioLevels levels = levels_of(std::vector<float>(count));
    EXPECT_FALSE(levels.peak_dbfs());
    EXPECT_FALSE(levels.rms_dbfs());
    EXPECT_FALSE(levels.band_edge_hz());
    EXPECT_EQ(levels.clipped_sample_count(), 0);
  }
}

TEST(AudioLevels, OfAConstantAreItsValue) {
  const AudioLevels levels = levels_of(std::vector<float>(3000, -0.25F));
  EXPECT_NEAR(levels.rms_dbfs().value(), 20.0 * std::log10(0.25), 1e-6);
  EXPECT_NEAR(levels.dc_offset(), -0.25, 1e-9);
}

TEST(AudioLevels, CountWhatIsClippedAndNotWhatOnlyReachesFullScale) {
  std::vector<float> samples = sine(3.0, 100.0, 16000);
  std::int64_t expected = 0;
  for (float& sample : samples) {
    if (std::abs(sample) > 1.0F) ++expected;
    sample = std::clamp(sample, -1.0F, 1.0F);
  }
  EXPECT_EQ(levels_of(samples).clipped_sample_count(), expected);
  EXPECT_EQ(levels_of(sine(1.0, 1000.5, 16000)).clipped_sample_count(), 0);
  EXPECT_EQ(levels_of(std::vector<float>{0.0F, 1.5F, 0.0F, -1.2F, -1.2F}).clipped_sample_count(),
            3);
}

TEST(AudioLevels, DoNotDependOnHowTheSamplesArrive) {
  std::vector<float> samples = noise(20000, 2.0F);
  for (float& sample : samples) sample = std::clamp(sample, -1.0F, 1.0F);
  const AudioLevels whole = levels_of(samples);
  AudioLevels pieces(kRate);
  for (std::size_t begin = 0; begin < samples.size(); begin += 37) {
    pieces.accept(
        std::span(samples).subspan(begin, std::min<std::size_t>(37, samples.size() - begin)));
  }
  EXPECT_EQ(pieces.rms_dbfs(), whole.rms_dbfs());
  EXPECT_EQ(pieces.clipped_sample_count(), whole.clipped_sample_count());
  EXPECT_EQ(pieces.band_edge_hz(), whole.band_edge_hz());
}

TEST(AudioLevels, SeeThatTheUpperBandIsEmpty) {
  for (const int recorded_hz : {8000, 16000}) {
    const int rate_hz = recorded_hz == 8000 ? 16000 : 48000;
    Resampler resampler(recorded_hz, rate_hz);
    std::vector<float> samples;
    resampler.process(noise(static_cast<std::size_t>(recorded_hz), 0.3F), samples);
    resampler.finish(samples);
    for (float& sample : samples) sample = std::round(sample * 32768.0F) / 32768.0F;
    const std::optional<double> edge_hz = levels_of(samples, rate_hz).band_edge_hz();
    ASSERT_TRUE(edge_hz.has_value()) << recorded_hz;
    EXPECT_NEAR(*edge_hz, recorded_hz / 2.0, 0.06 * recorded_hz);
    EXPECT_EQ(usual_sample_rate_hz(*edge_hz), recorded_hz);
  }
}

TEST(AudioLevels, SeeAFullBandInSoundThatFallsOffByNature) {
  EXPECT_FALSE(levels_of(noise(32000, 0.3F)).band_edge_hz());
  std::vector<float> samples = noise(32000, 0.3F);
  float previous = 0.0F;
  for (float& sample : samples) sample = previous = 0.95F * previous + 0.05F * sample;
  EXPECT_FALSE(levels_of(samples).band_edge_hz());
}

TEST(DescribeAudio, TellsFormatDurationAndLevels) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "a.wav";
  write_sound(path, {.sample_rate_hz = kRate}, sine(0.5, 1000.0, 24000));
  const InfoReport report = describe_audio(path);
  const auto json = to_json(report);
  EXPECT_EQ(json.at("kind"), "audio");
  EXPECT_EQ(json.at("format"), "WAV, 16-bit PCM");
  EXPECT_EQ(json.at("sample_rate_hz"), 16000);
  EXPECT_EQ(json.at("duration_s"), 1.5);
  EXPECT_EQ(json.at("sample_count"), 24000);
  EXPECT_EQ(json.at("peak_dbfs"), -6.0);
  EXPECT_EQ(json.at("rms_dbfs"), -9.0);
  EXPECT_EQ(json.at("clipped_samples"), 0);
  EXPECT_THAT(to_text(report), HasSubstr("  sample rate      16,000 Hz\n"));
}

TEST(DescribeAudio, TellsOfEachChannel) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "a.flac";
  std::vector<float> samples(2 * 70 * 8000);
  for (std::size_t i = 0; i < samples.size(); i += 2) samples[i] = i % 64 < 32 ? 0.5F : -0.5F;
  write_sound(
      path, {.code = SF_FORMAT_FLAC | SF_FORMAT_PCM_16, .sample_rate_hz = 8000, .channel_count = 2},
      samples);
  const InfoReport report = describe_audio(path);
  const auto json = to_json(report);
  const auto& channels = json.at("channels").as_array();
  ASSERT_EQ(channels.size(), 2U);
  EXPECT_EQ(channels[0].at("channel"), 1);
  EXPECT_EQ(channels[0].at("rms_dbfs"), -6.0);
  EXPECT_EQ(channels[1].at("peak_dbfs"), nullptr);
  EXPECT_THAT(to_text(report), HasSubstr("70.000 s (0:01:10)"));
  EXPECT_THAT(to_text(report), HasSubstr("silent"));
}

TEST(DescribeAudio, RefusesDamagedFiles) {
  const harpy::testing::TemporaryDirectory directory;
  const auto path = directory.path() / "a.wav";
  write_sound(path, {}, sine(0.5, 1000.0, 24000));
  std::filesystem::resize_file(path, 30);
  EXPECT_THAT(harpy::testing::error_of([&] { describe_audio(path); }),
              HasSubstr("a.wav: is truncated"));
}

TEST(InfoReport, AlignsFactsAndTablesAndCountsLettersOfUtf8) {
  const InfoReport report{
      .subject = "thing",
      .kind = "test",
      .facts = {{"a", "a", info_count(-1234567)}, {"long", "b", info_text("é")}},
      .tables = {
          {.title = "table",
           .name = "rows",
           .columns = {{"name", "name", false}, {"n", "n", true}},
           .rows = {{info_text("é"), info_count(12)}, {info_text("xyzab"), info_count(3)}}}}};
  EXPECT_EQ(to_text(report),
            "thing\n"
            "  a     -1,234,567\n"
            "  long  é\n"
            "  table\n"
            "    name    n\n"
            "    é      12\n"
            "    xyzab   3\n");
  const auto json = to_json(report);
  EXPECT_EQ(json.at("a"), -1234567);
  EXPECT_EQ(json.at("rows").as_array()[1].at("n"), 3);
}

}  // namespace
}  // namespace harpy::tools

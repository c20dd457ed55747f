#include "frontend/compute_features.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/resampler.hpp"
#include "frontend/feature_stream.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

class ComputeFeatures : public ::testing::Test {
 protected:
  std::vector<float> of_file(int sample_rate_hz, int channel_count, std::span<const float> samples,
                             double start_s = 0.0, std::optional<double> end_s = std::nullopt) {
    const auto path = directory_.path() / "sound.wav";
    testing::write_sound(path,
                         {.code = SF_FORMAT_WAV | SF_FORMAT_FLOAT,
                          .sample_rate_hz = sample_rate_hz,
                          .channel_count = channel_count},
                         samples);
    AudioFile file(path);
    return compute_features(extractor_, file, start_s, end_s);
  }

  FeatureExtractor extractor_;

 private:
  testing::TemporaryDirectory directory_;
};

TEST_F(ComputeFeatures, OfAFileEqualThoseOfItsSamples) {
  const auto samples = testing::glide(30000);
  EXPECT_EQ(of_file(16000, 1, samples), compute_features(extractor_, samples));
}

TEST_F(ComputeFeatures, OfAStretchEqualThoseOfItsSamples) {
  const auto samples = testing::glide(30000);
  EXPECT_EQ(of_file(16000, 1, samples, 0.5, 1.25),
            compute_features(extractor_, std::span(samples).subspan(8000, 12000)));
}

TEST_F(ComputeFeatures, OfTelephoneSoundAreThoseAfterResampling) {
  const auto samples = testing::glide(16000);
  Resampler resampler(8000.0);
  std::vector<float> resampled;
  resampler.process(samples, resampled);
  resampler.finish(resampled);
  const auto features = of_file(8000, 1, samples);
  EXPECT_EQ(features, compute_features(extractor_, resampled));
  EXPECT_EQ(features.size(), 198U * 80U);
}

TEST_F(ComputeFeatures, OfStereoAtAHighRateAreCloseToThoseOfTheOriginal) {
  std::vector<float> mono(16000);
  std::vector<float> stereo(2 * 48000);
  const auto tone = [](double seconds) {
    double sum = 0.0;
    for (const double hz : {300.0, 900.0, 1700.0, 2900.0})
      sum += 0.1 * std::sin(6.2831853 * hz * seconds);
    return static_cast<float>(sum);
  };
  for (std::size_t i = 0; i < mono.size(); ++i) mono[i] = tone(static_cast<double>(i) / 16000.0);
  for (std::size_t i = 0; i < 48000; ++i) {
    stereo[2 * i] = 1.5F * tone(static_cast<double>(i) / 48000.0);
    stereo[2 * i + 1] = 0.5F * tone(static_cast<double>(i) / 48000.0);
  }
  const auto expected = compute_features(extractor_, mono);
  const auto features = of_file(48000, 2, stereo);
  ASSERT_EQ(features.size(), expected.size());
  for (std::size_t t = 5; t < 90; ++t) {
    const float* row = expected.data() + t * 80;
    const float greatest = *std::max_element(row, row + 80);
    for (std::size_t d = 0; d < 80; ++d) {
      // Between the tones lies only what the resampler leaves of rounding.
      if (row[d] < greatest - 8.0F) continue;
      ASSERT_NEAR(features[t * 80 + d], row[d], 0.02) << t << " " << d;
    }
  }
}

TEST_F(ComputeFeatures, AtASpeedAreThoseOfTheTapePlayedFaster) {
  // A tone of 800 Hz played 1.25 times as fast is one of 1000 Hz, shorter by as much.
  const auto tone = [](double hz, std::size_t count) {
    std::vector<float> samples(count);
    for (std::size_t i = 0; i < count; ++i) {
      samples[i] =
          static_cast<float>(0.3 * std::sin(6.283185307 * hz * static_cast<double>(i) / 16000.0));
    }
    return samples;
  };
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "tone.wav";
  testing::write_sound(path, {.code = SF_FORMAT_WAV | SF_FORMAT_FLOAT}, tone(800.0, 20000));
  AudioFile file(path);
  const auto faster = compute_features(extractor_, file, 0.0, std::nullopt, {}, 1.25);
  const auto expected = compute_features(extractor_, tone(1000.0, 16000));
  ASSERT_EQ(faster.size(), expected.size());
  for (std::size_t t = 5; t + 5 < expected.size() / 80; ++t) {
    const auto peak = [t](const std::vector<float>& rows) {
      const auto row = rows.begin() + static_cast<std::ptrdiff_t>(80 * t);
      return std::max_element(row, row + 80) - row;
    };
    EXPECT_EQ(peak(faster), peak(expected)) << t;
    const auto at = 80 * t + static_cast<std::size_t>(peak(expected));
    EXPECT_NEAR(faster[at], expected[at], 0.02) << t;
  }
}

TEST_F(ComputeFeatures, OfLittleOrNoSoundAreNone) {
  EXPECT_TRUE(of_file(16000, 1, {}).empty());
  EXPECT_TRUE(of_file(48000, 2, std::vector<float>{0.5F, 0.5F}).empty());
  EXPECT_TRUE(of_file(8000, 1, std::vector<float>{0.5F}).empty());
}

TEST_F(ComputeFeatures, EqualThoseOfAStream) {
  const auto samples = testing::glide(12345);
  FeatureStream stream(std::make_shared<const FeatureExtractor>());
  stream.accept(samples);
  stream.finish();
  const auto rows = stream.take(stream.frames_ready());
  EXPECT_EQ(std::vector<float>(rows.begin(), rows.end()), compute_features(extractor_, samples));
}

}  // namespace
}  // namespace harpy

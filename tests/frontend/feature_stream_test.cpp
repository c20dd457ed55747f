#include "frontend/feature_stream.hpp"

#include <gtest/gtest.h>

#include <random>
#include <stdexcept>
#include <utility>

#include "frontend/audio/resampler.hpp"
#include "frontend/compute_features.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

std::shared_ptr<const FeatureExtractor> make_extractor(const FeatureOptions& options) {
  return std::make_shared<const FeatureExtractor>(options);
}

void take_all(FeatureStream& stream, std::vector<float>& rows) {
  const auto taken = stream.take(stream.frames_ready());
  rows.insert(rows.end(), taken.begin(), taken.end());
}

struct StreamCase {
  const char* name;
  FeatureOptions options;
};

void PrintTo(const StreamCase& test, std::ostream* stream) { *stream << test.name; }

class FeatureStreams : public ::testing::TestWithParam<StreamCase> {};

TEST_P(FeatureStreams, GiveTheSameBitsForAnyCuttingOfTheSamples) {
  const auto extractor = make_extractor(GetParam().options);
  const auto samples = testing::glide(16000 * 2 + 123);
  const std::vector<float> expected = compute_features(*extractor, samples);
  ASSERT_FALSE(expected.empty());
  for (unsigned seed = 0; seed < 6; ++seed) {
    std::mt19937 random(seed);
    const std::size_t longest = seed == 0 ? 1 : seed == 1 ? samples.size() : 1U << (2 * seed);
    FeatureStream stream(extractor);
    std::vector<float> rows;
    for (std::size_t begin = 0; begin < samples.size();) {
      const std::size_t count = std::min(1 + random() % longest, samples.size() - begin);
      stream.accept(std::span(samples).subspan(begin, count));
      begin += count;
      if (random() % 2 == 0) {
        const auto taken = stream.take(static_cast<std::int64_t>(random() % 5));
        rows.insert(rows.end(), taken.begin(), taken.end());
      }
    }
    stream.finish();
    take_all(stream, rows);
    ASSERT_EQ(rows, expected) << "pieces of up to " << longest << " samples";
  }
}

TEST_P(FeatureStreams, CountTheirFramesByTheFormula) {
  const auto extractor = make_extractor(GetParam().options);
  for (const std::size_t count :
       {0U, 1U, 79U, 80U, 239U, 240U, 399U, 400U, 401U, 559U, 560U, 4000U}) {
    FeatureStream stream(extractor);
    stream.accept(testing::glide(count));
    stream.finish();
    EXPECT_EQ(stream.frames_ready(), extractor->frame_count(static_cast<std::int64_t>(count)))
        << count << " samples";
  }
}

INSTANTIATE_TEST_SUITE_P(
    Options, FeatureStreams,
    ::testing::Values(
        StreamCase{"LogMel", {}}, StreamCase{"MirroredEdges", {.snip_edges = false}},
        StreamCase{"ShiftBeyondTheFrame",
                   {.frame_length_ms = 10.0, .frame_shift_ms = 25.0, .bin_count = 23}},
        StreamCase{"MirroredOddFrames",
                   {.frame_length_ms = 20.1, .frame_shift_ms = 7.3, .snip_edges = false}},
        StreamCase{"Deltas", {.kind = FeatureKind::kMfcc, .delta_order = 2}},
        StreamCase{"SlidingMean",
                   {.normalization = NormalizationKind::kSliding,
                    .sliding_window_frames = 50,
                    .sliding_min_frames = 20}},
        StreamCase{"EverythingAtOnce",
                   {.kind = FeatureKind::kMfcc,
                    .snip_edges = false,
                    .use_energy = true,
                    .normalization = NormalizationKind::kSliding,
                    .normalize_variance = true,
                    .sliding_window_frames = 30,
                    .sliding_min_frames = 1,
                    .delta_order = 1}}),
    [](const auto& test) { return test.param.name; });

TEST(FeatureStream, GivesTheSameBitsForAnyCuttingBeforeAResampler) {
  const auto extractor = make_extractor({});
  for (const double rate_hz : {8000.0, 44100.0, 48000.0}) {
    const auto samples = testing::glide(static_cast<std::size_t>(rate_hz) + 77);
    const auto features_in_pieces = [&](std::size_t longest) {
      std::mt19937 random(7);
      Resampler resampler(rate_hz, extractor->sample_rate_hz());
      FeatureStream stream(extractor);
      std::vector<float> resampled;
      std::vector<float> rows;
      for (std::size_t begin = 0; begin < samples.size();) {
        const std::size_t count = std::min(1 + random() % longest, samples.size() - begin);
        resampler.process(std::span(samples).subspan(begin, count), resampled);
        stream.accept(resampled);
        resampled.clear();
        begin += count;
        if (random() % 3 == 0) take_all(stream, rows);
      }
      resampler.finish(resampled);
      stream.accept(resampled);
      stream.finish();
      take_all(stream, rows);
      return rows;
    };
    const std::vector<float> whole = features_in_pieces(samples.size() * 1000);
    EXPECT_EQ(std::ssize(whole) / 80,
              extractor->frame_count(16000 + (rate_hz < 16000.0 ? 154 : 26)))
        << rate_hz;
    for (const std::size_t longest : {1U, 7U, 160U, 5000U}) {
      ASSERT_EQ(features_in_pieces(longest), whole) << rate_hz << " Hz, up to " << longest;
    }
  }
}

TEST(FeatureStream, HandsOutAFrameAsSoonAsItsSamplesAreThere) {
  FeatureStream stream(make_extractor({}));
  stream.accept(std::vector<float>(399, 0.1F));
  EXPECT_EQ(stream.frames_ready(), 0);
  stream.accept(std::vector<float>(1, 0.1F));
  EXPECT_EQ(stream.frames_ready(), 1);
  EXPECT_EQ(stream.take(10).size(), 80U);
  EXPECT_EQ(stream.frames_ready(), 0);
  EXPECT_TRUE(stream.take(10).empty());
}

TEST(FeatureStream, SlidingMeansWaitForTheLeastWindowOnly) {
  FeatureStream stream(make_extractor({.normalization = NormalizationKind::kSliding,
                                       .sliding_window_frames = 50,
                                       .sliding_min_frames = 10}));
  const auto samples = testing::glide(400 + 160 * 30);
  stream.accept(std::span(samples).first(400 + 160 * 8));
  EXPECT_EQ(stream.frames_ready(), 0);
  stream.accept(std::span(samples).subspan(400 + 160 * 8, 160));
  EXPECT_EQ(stream.frames_ready(), 10);
  stream.accept(std::span(samples).subspan(400 + 160 * 9, 160));
  EXPECT_EQ(stream.frames_ready(), 11);
}

TEST(FeatureStream, RefusesNormalisationOverTheUtterance) {
  EXPECT_THROW(FeatureStream(make_extractor({.normalization = NormalizationKind::kUtterance})),
               std::invalid_argument);
}

TEST(FeatureStream, RefusesToStartWithoutAnExtractor) {
  EXPECT_THROW(FeatureStream(nullptr), std::invalid_argument);
}

TEST(FeatureStream, RefusesSamplesAfterTheEnd) {
  FeatureStream stream(make_extractor({}));
  stream.finish();
  EXPECT_THROW(stream.accept(std::vector<float>(1)), std::logic_error);
}

TEST(FeatureStream, RefusesNegativeCounts) {
  FeatureStream stream(make_extractor({}));
  EXPECT_THROW(stream.take(-1), std::invalid_argument);
}

TEST(FeatureStream, MayBeMovedMidway) {
  const auto extractor = make_extractor({});
  const auto samples = testing::glide(5000);
  FeatureStream first(extractor);
  first.accept(std::span(samples).first(1234));
  FeatureStream second = std::move(first);
  second.accept(std::span(samples).subspan(1234));
  second.finish();
  std::vector<float> rows;
  take_all(second, rows);
  EXPECT_EQ(rows, compute_features(*extractor, samples));
  EXPECT_EQ(&second.extractor(), extractor.get());
}

}  // namespace
}  // namespace harpy

#include "frontend/feature_extractor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <thread>

#include "frontend/compute_features.hpp"
#include "frontend/noise_spectrum.hpp"
#include "frontend/window.hpp"
#include "tests/frontend/feature_reference.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

using testing::FeatureReference;

struct ReferenceCase {
  const char* name;
  FeatureOptions options;
};

void PrintTo(const ReferenceCase& test, std::ostream* stream) { *stream << test.name; }

/// A transform in single precision is exact relative to its greatest value, not to each: where
/// single bins are shown, small ones may be further off.
double tolerance(FeatureKind kind, double value, double greatest) {
  switch (kind) {
    case FeatureKind::kMel:
    case FeatureKind::kPowerSpectrogram:
      return 1e-6 * greatest;
    case FeatureKind::kLogSpectrogram:
      return 1e-3 * std::max(1.0, 1e-3 * std::exp((greatest - value) / 2.0));
    case FeatureKind::kLogMel:
    case FeatureKind::kMfcc:
      break;
  }
  return 1e-3;
}

class FeaturesAgainstReference : public ::testing::TestWithParam<ReferenceCase> {};

TEST_P(FeaturesAgainstReference, AgreeInEveryValue) {
  const FeatureOptions& options = GetParam().options;
  const auto samples = testing::glide(static_cast<std::size_t>(options.sample_rate_hz * 0.12) + 37);
  const FeatureExtractor extractor(options);
  const std::vector<float> features = compute_features(extractor, samples);
  const auto reference = FeatureReference(options).frames(samples);
  const auto dim = static_cast<std::size_t>(extractor.dim());
  ASSERT_EQ(features.size(), reference.size() * dim);
  ASSERT_GT(reference.size(), 8U);
  for (std::size_t t = 0; t < reference.size(); ++t) {
    ASSERT_EQ(reference[t].size(), dim);
    const double greatest = *std::max_element(reference[t].begin(), reference[t].end());
    for (std::size_t d = 0; d < dim; ++d) {
      const double expected = reference[t][d];
      ASSERT_NEAR(features[t * dim + d], expected, tolerance(options.kind, expected, greatest))
          << "frame " << t << ", value " << d;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(
    Options, FeaturesAgainstReference,
    ::testing::Values(
        ReferenceCase{"Default", {}}, ReferenceCase{"MirroredEdges", {.snip_edges = false}},
        ReferenceCase{"NoOffsetRemoval", {.remove_dc_offset = false}},
        ReferenceCase{"NoPreemphasis", {.preemphasis = 0.0}},
        ReferenceCase{"HammingWindow", {.window = WindowKind::kHamming}},
        ReferenceCase{"HannWindow", {.window = WindowKind::kHann}},
        ReferenceCase{"RectangularWindow", {.window = WindowKind::kRectangular}},
        ReferenceCase{"NoiseFloor", {.noise_floor = 20.0}},
        ReferenceCase{"NoiseFloorOfMagnitudes", {.noise_floor = 20.0, .use_power = false}},
        ReferenceCase{"MagnitudeSpectrum", {.use_power = false}},
        ReferenceCase{"RawEnergy", {.use_energy = true}},
        ReferenceCase{"WindowedEnergy", {.use_energy = true, .raw_energy = false}},
        ReferenceCase{"FlooredEnergy", {.use_energy = true, .energy_floor = 1e12}},
        ReferenceCase{"EnergiesWithoutLogarithm", {.kind = FeatureKind::kMel}},
        ReferenceCase{"PowerSpectrogram", {.kind = FeatureKind::kPowerSpectrogram}},
        ReferenceCase{"LogSpectrogram", {.kind = FeatureKind::kLogSpectrogram}},
        ReferenceCase{"LogSpectrogramWithEnergy",
                      {.kind = FeatureKind::kLogSpectrogram, .use_energy = true}},
        ReferenceCase{"Mfcc", {.kind = FeatureKind::kMfcc, .bin_count = 23, .use_energy = true}},
        ReferenceCase{"MfccWithoutLifter",
                      {.kind = FeatureKind::kMfcc, .bin_count = 40, .cepstral_lifter = 0.0}},
        ReferenceCase{"Telephone", {.sample_rate_hz = 8000.0, .bin_count = 40}},
        ReferenceCase{"HighRate", {.sample_rate_hz = 44100.0, .bin_count = 64}},
        ReferenceCase{"OddFrames", {.frame_length_ms = 20.1, .frame_shift_ms = 7.3}},
        ReferenceCase{"OddFramesMirrored",
                      {.frame_length_ms = 20.1, .frame_shift_ms = 7.3, .snip_edges = false}},
        ReferenceCase{"NarrowBand",
                      {.bin_count = 20, .low_freq_hz = 300.0, .high_freq_hz = 3400.0}},
        ReferenceCase{"UpperEdgeFromTheTop", {.bin_count = 30, .high_freq_hz = -400.0}}),
    [](const auto& test) { return test.param.name; });

TEST(FeatureExtractor, DefaultsAreEightyLogMelBinsEveryTenMilliseconds) {
  const FeatureExtractor extractor;
  EXPECT_EQ(extractor.dim(), 80);
  EXPECT_EQ(extractor.frame_length_samples(), 400);
  EXPECT_EQ(extractor.frame_shift_samples(), 160);
  EXPECT_DOUBLE_EQ(extractor.frame_shift_s(), 0.01);
  EXPECT_DOUBLE_EQ(extractor.sample_rate_hz(), 16000.0);
}

TEST(FeatureExtractor, CountsFramesAtTheEdges) {
  const FeatureExtractor snipped;
  EXPECT_EQ(snipped.frame_count(0), 0);
  EXPECT_EQ(snipped.frame_count(399), 0);
  EXPECT_EQ(snipped.frame_count(400), 1);
  EXPECT_EQ(snipped.frame_count(559), 1);
  EXPECT_EQ(snipped.frame_count(560), 2);
  const FeatureExtractor mirrored({.snip_edges = false});
  EXPECT_EQ(mirrored.frame_count(79), 0);
  EXPECT_EQ(mirrored.frame_count(80), 1);
  EXPECT_EQ(mirrored.frame_count(16000), 100);
}

TEST(FeatureExtractor, SilenceGivesTheFloorOfEnergy) {
  const std::vector<float> silence(4000);
  const FeatureExtractor extractor({.use_energy = true});
  for (const float value : compute_features(extractor, silence)) {
    EXPECT_NEAR(value, std::log(1.1920929e-7), 1e-5);
  }
  const FeatureExtractor floored(
      {.kind = FeatureKind::kMfcc, .use_energy = true, .energy_floor = 1.0});
  EXPECT_FLOAT_EQ(compute_features(floored, silence)[0], 0.0F);
}

TEST(FeatureExtractor, SilenceIsAsLoudAsTheNoiseFloor) {
  const FeatureExtractor extractor({.kind = FeatureKind::kPowerSpectrogram, .noise_floor = 0.1});
  const std::vector<float> window = make_window(WindowKind::kPovey, 400);
  EXPECT_THAT(compute_features(extractor, std::vector<float>(400)),
              ::testing::Pointwise(::testing::FloatEq(), noise_spectrum(0.1, 0.97, window, 512)));
}

TEST(FeatureExtractor, ClippedAndHugeSamplesGiveFiniteValues) {
  for (const float scale : {1.0F, 32768.0F, 9e8F}) {
    std::vector<float> samples(4000);
    for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = i / 20 % 2 == 0 ? scale : -scale;
    for (const FeatureKind kind :
         {FeatureKind::kLogMel, FeatureKind::kMfcc, FeatureKind::kPowerSpectrogram}) {
      const FeatureExtractor extractor({.kind = kind});
      for (const float value : compute_features(extractor, samples)) {
        ASSERT_TRUE(std::isfinite(value)) << "scale " << scale;
      }
    }
  }
}

TEST(FeatureExtractor, TooShortRecordingsGiveNoFrames) {
  const FeatureExtractor extractor;
  EXPECT_TRUE(compute_features(extractor, std::vector<float>{}).empty());
  EXPECT_TRUE(compute_features(extractor, std::vector<float>{0.5F}).empty());
  EXPECT_TRUE(compute_features(extractor, std::vector<float>(399, 0.1F)).empty());
}

TEST(FeatureExtractor, MirroredEdgesReachThroughVeryShortRecordings) {
  const FeatureOptions options{.snip_edges = false};
  const auto samples = testing::glide(90);
  const std::vector<float> features = compute_features(FeatureExtractor(options), samples);
  const auto reference = FeatureReference(options).frames(samples);
  ASSERT_EQ(reference.size(), 1U);
  for (std::size_t d = 0; d < 80; ++d) EXPECT_NEAR(features[d], reference[0][d], 1e-3);
}

TEST(FeatureExtractor, ThreadsMayShareOne) {
  const FeatureExtractor extractor;
  const auto samples = testing::glide(20000);
  const std::vector<float> expected = compute_features(extractor, samples);
  std::vector<std::vector<float>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) {
      threads.emplace_back([&] { result = compute_features(extractor, samples); });
    }
  }
  for (const auto& result : results) EXPECT_EQ(result, expected);
}

TEST(FeatureExtractor, RefusesSpansOfTheWrongSize) {
  const FeatureExtractor extractor;
  FeatureExtractor::Workspace workspace(extractor);
  std::vector<float> samples(399);
  std::vector<float> output(80);
  EXPECT_THROW(extractor.compute_frame(samples, workspace, output), std::invalid_argument);
  samples.resize(400);
  output.resize(79);
  EXPECT_THROW(extractor.compute_frame(samples, workspace, output), std::invalid_argument);
}

TEST(FeatureExtractor, RefusesOptionsOutOfRange) {
  for (const auto& [option, value] : std::initializer_list<std::pair<const char*, const char*>>{
           {"sample_rate_hz", "0"},     {"sample_rate_hz", "nan"},
           {"sample_rate_hz", "1e9"},   {"frame_length_ms", "0"},
           {"frame_length_ms", "0.1"},  {"frame_length_ms", "5000"},
           {"frame_shift_ms", "-1"},    {"frame_shift_ms", "0.01"},
           {"preemphasis", "1.5"},      {"preemphasis", "-0.1"},
           {"bin_count", "0"},          {"bin_count", "1000"},
           {"low_freq_hz", "-1"},       {"low_freq_hz", "8000"},
           {"high_freq_hz", "9000"},    {"high_freq_hz", "-8000"},
           {"high_freq_hz", "nan"},     {"cepstrum_count", "0"},
           {"cepstrum_count", "81"},    {"cepstral_lifter", "-1"},
           {"noise_floor", "-1"},       {"noise_floor", "nan"},
           {"energy_floor", "-1"},      {"sliding_window_frames", "0"},
           {"sliding_min_frames", "0"}, {"sliding_min_frames", "601"},
           {"delta_order", "-1"},       {"delta_order", "9"},
           {"delta_window", "0"}}) {
    FeatureOptions options{.kind = FeatureKind::kMfcc,
                           .normalization = NormalizationKind::kSliding};
    set_feature_option(options, option, value);
    EXPECT_THROW(FeatureExtractor{options}, std::invalid_argument) << option << " " << value;
  }
}

TEST(FeatureExtractor, RefusesAnEnergyWithinAPowerSpectrum) {
  EXPECT_THROW(FeatureExtractor({.kind = FeatureKind::kPowerSpectrogram, .use_energy = true}),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy

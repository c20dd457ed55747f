// Features of a made signal against their definitions computed elsewhere in double precision
// (tests/data), and of a real recording against those that Kaldi computed.
#include <gtest/gtest.h>

#include "frontend/audio/audio_file.hpp"
#include "frontend/compute_features.hpp"
#include "frontend/feature_extractor.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

class ReferenceFeatures : public ::testing::Test {
 protected:
  /// Compares the features of tests/data/features/signal.txt with a file beside it.
  static void expect_features(const FeatureOptions& options, const char* file) {
    const std::filesystem::path folder = testing::data_dir() / "features";
    std::vector<float> samples = testing::read_numbers(folder / "signal.txt");
    for (float& sample : samples) sample /= 32768.0F;
    const std::vector<float> expected = testing::read_numbers(folder / file);
    ASSERT_FALSE(expected.empty()) << folder / file;
    testing::expect_near(compute_features(FeatureExtractor(options), samples), expected, 1e-3);
  }
};

TEST_F(ReferenceFeatures, LogMelEnergiesEqualTheirDefinition) {
  expect_features({}, "log_mel_80.txt");
}

TEST_F(ReferenceFeatures, CepstraEqualTheirDefinition) {
  expect_features({.kind = FeatureKind::kMfcc, .bin_count = 23, .use_energy = false},
                  "mfcc_13.txt");
}

struct GoldenCase {
  const char* file;
  FeatureOptions options;
};

class GoldenFeatures : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenFeatures, EqualKaldiToAThousandth) {
  const std::vector<float> golden = testing::read_golden(GetParam().file);
  if (golden.empty()) GTEST_SKIP() << "needs the folder ../shared";
  if (!std::filesystem::exists(testing::golden_recording())) {
    GTEST_SKIP() << "needs the package pocketsphinx-testdata";
  }
  AudioFile file(testing::golden_recording());
  const FeatureExtractor extractor(GetParam().options);
  const std::vector<float> features = compute_features(extractor, file);
  ASSERT_GE(features.size(), golden.size());
  ASSERT_EQ(golden.size() % static_cast<std::size_t>(extractor.dim()), 0U);
  testing::expect_near(std::span(features).first(golden.size()), golden, 1e-3);
}

INSTANTIATE_TEST_SUITE_P(Kaldi, GoldenFeatures,
                         ::testing::Values(GoldenCase{"fbank80.txt", {}},
                                           GoldenCase{"fbank40_hamming_energy_nosnip.txt",
                                                      {.snip_edges = false,
                                                       .window = WindowKind::kHamming,
                                                       .bin_count = 40,
                                                       .use_energy = true,
                                                       .energy_floor = 1.0}},
                                           GoldenCase{"mfcc13.txt",
                                                      {.kind = FeatureKind::kMfcc,
                                                       .bin_count = 23,
                                                       .use_energy = true,
                                                       .energy_floor = 1.0}},
                                           GoldenCase{"mfcc13_deltas.txt",
                                                      {.kind = FeatureKind::kMfcc,
                                                       .bin_count = 23,
                                                       .use_energy = true,
                                                       .energy_floor = 1.0,
                                                       .delta_order = 2}},
                                           GoldenCase{"mfcc40_hires.txt",
                                                      {.kind = FeatureKind::kMfcc,
                                                       .bin_count = 40,
                                                       .high_freq_hz = -400.0,
                                                       .cepstrum_count = 40}}),
                         [](const auto& test) {
                           const std::string name = test.param.file;
                           return name.substr(0, name.find('.'));
                         });

}  // namespace
}  // namespace harpy

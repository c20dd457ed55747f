// Features of a real recording against those that Kaldi computed.
#include <gtest/gtest.h>

#include "frontend/audio/audio_file.hpp"
#include "frontend/compute_features.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

struct GoldenCase {
  const char* file;
  FeatureOptions options;
};

class GoldenFeatures : public ::testing::TestWithParam<GoldenCase> {};

TEST_P(GoldenFeatures, EqualKaldiToAThousandth) {
  const std::vector<float> golden = testing::read_golden(GetParam().file);
  if (golden.empty()) GTEST_SKIP() << "no golden features beside the checkout";
  if (!std::filesystem::exists(testing::golden_recording())) {
    GTEST_SKIP() << "the package pocketsphinx-testdata is not installed";
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

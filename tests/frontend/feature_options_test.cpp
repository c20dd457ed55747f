#include "frontend/feature_options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace harpy {
namespace {

TEST(FeatureOptions, GoThroughTextUnchanged) {
  const FeatureOptions options{.kind = FeatureKind::kMfcc,
                               .sample_rate_hz = 8000.0,
                               .frame_length_ms = 31.7,
                               .frame_shift_ms = 12.5,
                               .snip_edges = false,
                               .remove_dc_offset = false,
                               .preemphasis = 0.1,
                               .window = WindowKind::kHann,
                               .noise_floor = 0.5,
                               .bin_count = 40,
                               .low_freq_hz = 64.25,
                               .high_freq_hz = -200.0,
                               .use_power = false,
                               .cepstrum_count = 20,
                               .cepstral_lifter = 0.0,
                               .use_energy = true,
                               .raw_energy = false,
                               .energy_floor = 1e-3,
                               .normalization = NormalizationKind::kSliding,
                               .normalize_variance = true,
                               .sliding_window_frames = 300,
                               .sliding_min_frames = 2,
                               .online_prior_frames = 9,
                               .delta_order = 2,
                               .delta_window = 3};
  FeatureOptions read;
  EXPECT_NE(read, options);
  for (const auto& [name, value] : feature_option_fields(options)) {
    set_feature_option(read, name, value);
  }
  EXPECT_EQ(read, options);
}

TEST(FeatureOptions, AreNamedAsInTheStructure) {
  const auto fields = feature_option_fields({});
  EXPECT_EQ(fields.size(), 25U);
  EXPECT_THAT(fields, ::testing::Contains(::testing::Pair("kind", "log_mel")));
  EXPECT_THAT(fields, ::testing::Contains(::testing::Pair("bin_count", "80")));
  EXPECT_THAT(fields, ::testing::Contains(::testing::Pair("snip_edges", "true")));
  EXPECT_THAT(fields, ::testing::Contains(::testing::Pair("frame_length_ms", "25")));
}

TEST(FeatureOptions, RefuseUnknownNamesAndValues) {
  FeatureOptions options;
  for (const auto& [name, value] :
       std::initializer_list<std::pair<const char*, const char*>>{{"bins", "80"},
                                                                  {"bin_count", ""},
                                                                  {"bin_count", "8.5"},
                                                                  {"bin_count", "80 "},
                                                                  {"bin_count", "99999999999999"},
                                                                  {"preemphasis", "much"},
                                                                  {"snip_edges", "yes"},
                                                                  {"kind", "MFCC"},
                                                                  {"window", "triangle"},
                                                                  {"normalization", ""}}) {
    EXPECT_THROW(set_feature_option(options, name, value), std::invalid_argument) << name;
  }
  EXPECT_EQ(options, FeatureOptions{});
}

TEST(FeatureOptions, SayWhatWouldHaveBeenRight) {
  FeatureOptions options;
  try {
    set_feature_option(options, "window", "triangle");
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), ::testing::HasSubstr("window"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("povey or hamming or hann or rectangular"));
    EXPECT_THAT(error.what(), ::testing::HasSubstr("triangle"));
  }
}

}  // namespace
}  // namespace harpy

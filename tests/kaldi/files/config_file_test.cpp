#include "kaldi/files/config_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "kaldi/configuration.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class KaldiConfiguration : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& text) const {
    const std::filesystem::path path = directory_.path() / "a.conf";
    std::ofstream(path) << text;
    return path;
  }

  const TemporaryDirectory directory_;
};

TEST_F(KaldiConfiguration, OptionsAreReadAsKaldiDoes) {
  kaldi::ConfigFile options(
      file("# a comment\n\n --Beam_Width = 11.5 # the beam\r\n"
           "--count=3\n--on\n--off=f\n--name=povey\n"));
  EXPECT_EQ(options.number("beam-width", 0.0), 11.5);
  EXPECT_EQ(options.integer("count", 0), 3);
  EXPECT_TRUE(options.boolean("on", false));
  EXPECT_FALSE(options.boolean("off", true));
  EXPECT_EQ(options.text("name", ""), "povey");
  EXPECT_EQ(options.number("other", 2.0), 2.0);
  EXPECT_NO_THROW(options.refuse_others());
}

TEST_F(KaldiConfiguration, WhatIsWrongIsRefusedWithItsLine) {
  const auto path = file("--a=x\n--b=maybe\n--c=-1\n");
  kaldi::ConfigFile options(path);
  const auto refused = [&](const auto& read, const char* why) {
    EXPECT_THAT(read, ThrowsMessage<std::runtime_error>(HasSubstr(path.string() + why)));
  };
  refused([&] { options.number("a", 0.0); }, ":1: --a=x: expected a number");
  refused([&] { options.boolean("b", false); }, ":2: --b=maybe: expected true or false");
  refused([&] { options.refuse_others(); }, ":3: --c: an option that is not known");
  refused([&] { options.integer("c", 0); }, ":3: --c=-1: expected a whole number of at least 0");
  EXPECT_THAT([&] { kaldi::ConfigFile(file("beam=3\n")); },
              ThrowsMessage<std::runtime_error>(HasSubstr(":1: expected --NAME=VALUE")));
}

TEST_F(KaldiConfiguration, FeaturesHaveKaldisDefaults) {
  const FeatureOptions defaults = kaldi::read_feature_options(file("--dither=0.5\n"), true);
  EXPECT_EQ(
      defaults,
      (FeatureOptions{
          .kind = FeatureKind::kMfcc, .bin_count = 23, .cepstrum_count = 13, .use_energy = true}));
  const FeatureOptions given = kaldi::read_feature_options(
      file("--sample-frequency=8000\n--use-energy=false\n--num-mel-bins=40\n--low-freq=40\n"
           "--high-freq=-200\n--window-type=hamming\n--snip-edges=false\n"),
      false);
  EXPECT_EQ(given, (FeatureOptions{.kind = FeatureKind::kLogMel,
                                   .sample_rate_hz = 8000.0,
                                   .snip_edges = false,
                                   .window = WindowKind::kHamming,
                                   .bin_count = 40,
                                   .low_freq_hz = 40.0,
                                   .high_freq_hz = -200.0}));
  EXPECT_THAT([&] { kaldi::read_feature_options(file("--window-type=sine\n"), true); },
              ThrowsMessage<std::runtime_error>(HasSubstr("expected povey, hamming")));
  EXPECT_THAT([&] { kaldi::read_feature_options(file("--htk-compat=true\n"), true); },
              ThrowsMessage<std::runtime_error>(HasSubstr("expected false")));
  EXPECT_THAT([&] { kaldi::read_feature_options(file("--vtln-map=x\n"), true); },
              ThrowsMessage<std::runtime_error>(HasSubstr("not known")));
}

TEST_F(KaldiConfiguration, DecodingHasKaldisDefaultsOrVosks) {
  const kaldi::DecodingOptions without = kaldi::read_decoding_options({});
  EXPECT_EQ(without.search.beam, 13.0F);
  EXPECT_EQ(without.subsampling, 3);
  EXPECT_EQ(without.silence_phones.size(), 10U);
  const kaldi::DecodingOptions empty = kaldi::read_decoding_options(file("\n"));
  EXPECT_EQ(empty.search.beam, 16.0F);
  EXPECT_EQ(empty.search.acoustic_scale, 0.1F);
  EXPECT_EQ(empty.subsampling, 1);
  const kaldi::DecodingOptions given = kaldi::read_decoding_options(
      file("--beam=11\n--max-active=3000\n--frame-subsampling-factor=3\n--other=1\n"
           "--endpoint.silence-phones=1:2:11\n"));
  EXPECT_EQ(given.search.beam, 11.0F);
  EXPECT_EQ(given.search.max_active, 3000);
  EXPECT_EQ(given.silence_phones, (std::set<std::int32_t>{1, 2, 11}));
  EXPECT_THAT([&] { kaldi::read_decoding_options(file("--beam=-1\n")); },
              ThrowsMessage<std::runtime_error>(HasSubstr("--beam=-1: expected a number above 0")));
}

}  // namespace
}  // namespace harpy::testing

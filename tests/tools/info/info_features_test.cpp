#include "tools/info/info_features.hpp"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/audio/audio_file.hpp"
#include "frontend/compute_features.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"
#include "tools/info/feature_axis.hpp"

namespace harpy::tools {
namespace {

using harpy::testing::error_of;
using harpy::testing::read_bytes;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

/// A table of tab-separated values: heading and rows.
struct Table {
  std::vector<std::string> heading;
  std::vector<std::vector<double>> rows;
};

std::vector<std::string> cells_of(const std::string& line) {
  std::vector<std::string> cells;
  std::istringstream stream(line);
  for (std::string cell; std::getline(stream, cell, '\t');) cells.push_back(cell);
  return cells;
}

Table read_table(const std::filesystem::path& path) {
  std::ifstream stream(path);
  Table table;
  std::string line;
  std::getline(stream, line);
  table.heading = cells_of(line);
  while (std::getline(stream, line)) {
    table.rows.emplace_back();
    for (const std::string& cell : cells_of(line)) table.rows.back().push_back(std::stod(cell));
  }
  return table;
}

class InfoFeatures : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  std::filesystem::path record(int rate_hz, int channels, std::size_t frames) const {
    auto samples = harpy::testing::glide(frames * static_cast<std::size_t>(channels));
    harpy::testing::write_sound(file("a.wav"),
                                {.sample_rate_hz = rate_hz, .channel_count = channels}, samples);
    return file("a.wav");
  }

 private:
  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(InfoFeatures, TablesHoldWhatTheFrontEndComputes) {
  const auto recording = record(8000, 1, 4000);
  show_features(
      recording,
      {.model = {}, .settings = {"bin_count=20", "delta_order=1"}, .output = file("a.tsv")});
  const FeatureOptions options{.bin_count = 20, .delta_order = 1};
  const FeatureExtractor extractor(options);
  AudioFile source(recording);
  const std::vector<float> expected = compute_features(extractor, source);
  const Table table = read_table(file("a.tsv"));
  ASSERT_EQ(table.heading.size(), 41U);
  EXPECT_EQ(table.heading[0], "time_s");
  EXPECT_THAT(table.heading[21], StartsWith("d1 "));
  ASSERT_EQ(table.rows.size() * 40, expected.size());
  for (std::size_t t = 0; t < table.rows.size(); ++t) {
    EXPECT_NEAR(table.rows[t][0], 0.0125 + 0.01 * static_cast<double>(t), 1e-6);
    for (std::size_t i = 0; i < 40; ++i) {
      const double value = expected[40 * t + i];
      EXPECT_NEAR(table.rows[t][i + 1], value, 1e-5 * (1.0 + std::abs(value)));
    }
  }
}

TEST_F(InfoFeatures, OfEachChannelStandBesideEachOther) {
  const auto recording = record(16000, 2, 2000);
  show_features(recording,
                {.model = {}, .settings = {}, .channel = "each", .output = file("each.tsv")});
  const Table each = read_table(file("each.tsv"));
  EXPECT_EQ(each.heading[1], "channel");
  ASSERT_EQ(each.rows.size(), 2U * 11U);
  for (int channel = 1; channel <= 2; ++channel) {
    show_features(recording, {.model = {},
                              .settings = {},
                              .channel = std::to_string(channel),
                              .output = file("one.tsv")});
    const Table one = read_table(file("one.tsv"));
    ASSERT_EQ(one.rows.size(), 11U);
    for (std::size_t t = 0; t < 11; ++t) {
      std::vector<double> row = each.rows[2 * t + static_cast<std::size_t>(channel - 1)];
      EXPECT_EQ(row[1], channel);
      row.erase(row.begin() + 1);
      EXPECT_EQ(row, one.rows[t]);
    }
  }
}

TEST_F(InfoFeatures, OfEveryKindAreDrawn) {
  const auto recording = record(16000, 2, 6000);
  for (const char* kind : {"log_mel", "mel", "mfcc", "log_spectrogram", "power_spectrogram"}) {
    const std::string setting = std::string("kind=") + kind;
    show_features(recording,
                  {.model = {}, .settings = {setting}, .channel = "each", .output = file("a.svg")});
    EXPECT_THAT(read_bytes(file("a.svg")), StartsWith("<svg")) << kind;
    EXPECT_THAT(read_bytes(file("a.svg")), HasSubstr(">channel 2<"));
    show_features(recording, {.model = {},
                              .settings = {setting, "delta_order=2", "normalization=utterance"},
                              .output = file("a.png")});
    EXPECT_THAT(read_bytes(file("a.png")), StartsWith("\x89PNG")) << kind;
  }
  EXPECT_FALSE(harpy::testing::holds_unfinished_file(file("")));
}

TEST_F(InfoFeatures, MayBeThoseOfAModel) {
  std::filesystem::create_directory(file("model"));
  harpy::testing::write_tiny_model(file("model"));
  show_features(record(16000, 1, 2000),
                {.model = file("model"), .settings = {"bin_count=30"}, .output = file("a.tsv")});
  EXPECT_EQ(read_table(file("a.tsv")).heading.size(), 31U);
}

TEST_F(InfoFeatures, SayWhatIsWrong) {
  const auto recording = record(16000, 1, 399);
  EXPECT_THAT(error_of([&] { show_features(recording, {.model = {}, .output = file("a.png")}); }),
              HasSubstr("a.wav: is too short for a frame of features"));
  EXPECT_FALSE(std::filesystem::exists(file("a.png")));
  EXPECT_FALSE(harpy::testing::holds_unfinished_file(file("")));
  EXPECT_THAT(error_of([&] { show_features(recording, {.model = {}, .channel = "2"}); }),
              HasSubstr("a.wav: has no channel 2, only 1"));
  EXPECT_THAT(
      error_of([&] { show_features(recording, {.model = {}, .output = file("no/folder/a.tsv")}); }),
      HasSubstr("cannot be written"));
  EXPECT_THAT(error_of([&] { show_features(file("absent.wav"), {}); }), HasSubstr("no such file"));
  for (const char* setting : {"bins=3", "bin_count", "bin_count=many", "bin_count=5000"}) {
    EXPECT_THROW(show_features(recording, {.model = {}, .settings = {setting}}),
                 std::invalid_argument)
        << setting;
  }
}

TEST(FeatureAxis, OfMelBinsIsInHertz) {
  const FeatureExtractor extractor;
  const SpectrogramAxis axis = feature_axis(extractor);
  const std::vector<std::string> names = feature_names(extractor);
  ASSERT_EQ(names.size(), 80U);
  EXPECT_EQ(names.front(), "42.5Hz");
  const auto tick =
      std::find_if(axis.ticks.begin(), axis.ticks.end(),
                   [](const AxisTick& candidate) { return candidate.label == "1000"; });
  ASSERT_NE(tick, axis.ticks.end());
  const auto row = static_cast<std::size_t>(tick->place);
  EXPECT_NEAR(std::stod(names[row]), 1000.0, 30.0);
}

TEST(FeatureAxis, OfSpectraIsLinearAndEndsAtHalfTheRate) {
  const FeatureExtractor extractor(FeatureOptions{.kind = FeatureKind::kLogSpectrogram});
  const SpectrogramAxis axis = feature_axis(extractor);
  const std::vector<std::string> names = feature_names(extractor);
  ASSERT_EQ(names.size(), 257U);
  EXPECT_EQ(names.back(), "8000.0Hz");
  EXPECT_EQ(axis.ticks.back().label, "8000");
  EXPECT_NEAR(axis.ticks.back().place, 256.5, 1e-9);
}

TEST(FeatureAxis, NamesEveryValue) {
  for (const FeatureKind kind : {FeatureKind::kLogMel, FeatureKind::kMel, FeatureKind::kMfcc,
                                 FeatureKind::kLogSpectrogram}) {
    const FeatureExtractor extractor(
        FeatureOptions{.kind = kind, .use_energy = true, .delta_order = 2});
    const auto names = feature_names(extractor);
    EXPECT_EQ(std::ssize(names), extractor.dim());
    EXPECT_EQ(names.front(), "energy");
    EXPECT_THAT(names, Contains("d2 energy"));
  }
}

}  // namespace
}  // namespace harpy::tools

// What people record when nothing goes right: the program gives a right result, or one clear error,
// for transcripts and for features.
#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/parse.hpp>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/run_program.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

using harpy::testing::ProgramResult;
using harpy::testing::read_bytes;
using harpy::testing::run_harpy;
using harpy::testing::SoundFormat;
using harpy::testing::write_bytes;
using harpy::testing::write_sound;
using ::testing::HasSubstr;

constexpr int kFloatWav = SF_FORMAT_WAV | SF_FORMAT_FLOAT;

class AudioEdges : public ::testing::Test {
 protected:
  AudioEdges() {
    std::filesystem::create_directory(model());
    harpy::testing::write_tiny_model(model());
  }

  std::filesystem::path model() const { return directory_.path() / "model"; }
  std::filesystem::path file(const std::string& name) const { return directory_.path() / name; }

  std::filesystem::path record(const std::string& name, const SoundFormat& format,
                               std::span<const float> samples) const {
    write_sound(file(name), format, samples);
    return file(name);
  }

  /// Two seconds of a tone that comes and goes.
  static std::vector<float> tone(int rate_hz, float level = 0.3F) {
    std::vector<float> samples(static_cast<std::size_t>(2 * rate_hz));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      const double time_s = static_cast<double>(i) / rate_hz;
      samples[i] = level * static_cast<float>(std::sin(2000.0 * time_s) * std::sin(7.0 * time_s));
    }
    return samples;
  }

  ProgramResult transcribe(const std::filesystem::path& recording) const {
    return run_harpy({"transcribe", "--model", model().string(), recording.string()});
  }
  static ProgramResult features(const std::filesystem::path& recording,
                                const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments{"info", "--features", recording.string()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_harpy(arguments);
  }

  /// Success: one line of text, and so many frames of finite features.
  void expect_result(const std::filesystem::path& recording, std::int64_t frame_count) const {
    SCOPED_TRACE(recording.filename());
    const ProgramResult text = transcribe(recording);
    EXPECT_EQ(text.exit_code, 0) << text.errors;
    EXPECT_EQ(std::count(text.output.begin(), text.output.end(), '\n'), 1);
    EXPECT_EQ(text.errors, "");
    expect_features(recording, frame_count);
  }

  static void expect_features(const std::filesystem::path& recording, std::int64_t frame_count) {
    const ProgramResult table = features(recording);
    EXPECT_EQ(table.exit_code, 0) << table.errors;
    std::istringstream lines(table.output);
    std::string line;
    std::getline(lines, line);
    EXPECT_EQ(line.substr(0, 6), "time_s");
    std::int64_t count = 0;
    for (; std::getline(lines, line); ++count) {
      EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), 80);
      EXPECT_EQ(line.find("nan"), std::string::npos);
      EXPECT_EQ(line.find("inf"), std::string::npos);
    }
    EXPECT_EQ(count, frame_count);
  }

  static void expect_one_error(const ProgramResult& result, const std::string& text) {
    EXPECT_EQ(result.exit_code, 1) << result.output;
    EXPECT_THAT(result.errors, HasSubstr(text));
    EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
  }

  /// Both, and `harpy info` of the file, fail with one line that holds `text`.
  void expect_refused(const std::filesystem::path& recording, const std::string& text) const {
    SCOPED_TRACE(recording.filename());
    expect_one_error(transcribe(recording), text);
    expect_one_error(features(recording), text);
    expect_one_error(run_harpy({"info", recording.string()}), text);
  }

  harpy::testing::TemporaryDirectory directory_;
};

TEST_F(AudioEdges, PacketsCutOffAreOneError) {
  for (const auto& [name, code] : {std::pair{"cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16},
                                   {"cut.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS},
                                   {"cut.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III}}) {
    const auto recording = record(name, {.code = code}, tone(16000));
    const std::string bytes = read_bytes(recording);
    write_bytes(recording, bytes.substr(0, bytes.size() / 2));
    expect_refused(recording, std::string(name) + ": is truncated");
  }
}

TEST_F(AudioEdges, PlainSamplesCutOffAreReadWithOneWarning) {
  for (const auto& [name, code] : {std::pair{"cut.wav", SF_FORMAT_WAV | SF_FORMAT_PCM_16},
                                   {"cut.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16}}) {
    const auto recording = record(name, {.code = code}, tone(16000));
    const std::string bytes = read_bytes(recording);
    write_bytes(recording, bytes.substr(0, bytes.size() / 2));
    for (const ProgramResult& result : {transcribe(recording), features(recording)}) {
      EXPECT_EQ(result.exit_code, 0);
      EXPECT_THAT(result.errors, HasSubstr(std::string(name) + ": is cut off"));
      EXPECT_EQ(std::count(result.errors.begin(), result.errors.end(), '\n'), 1) << result.errors;
    }
    EXPECT_THAT(run_harpy({"info", recording.string()}).output, HasSubstr("is cut off"));
  }
}

TEST_F(AudioEdges, EmptyFilesAndOtherThingsAreOneError) {
  write_bytes(file("empty.wav"), "");
  expect_refused(file("empty.wav"), "empty.wav: is empty");
  write_bytes(file("noise.mp3"), std::string(5000, 'x'));
  expect_refused(file("noise.mp3"), "noise.mp3: is not an audio file of a known format");
  expect_refused(file("absent.wav"), "absent.wav: no such file");
}

TEST_F(AudioEdges, NumbersThatAreNoneAreOneErrorWithTheirPlace) {
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
    auto samples = tone(16000);
    samples[12345] = bad;
    expect_refused(record("bad.wav", {.code = kFloatWav}, samples), "at sample 12345");
  }
}

TEST_F(AudioEdges, AHeaderWithoutSamplesIsAnEmptyTextButHasNoFeatures) {
  const auto recording = record("header.wav", {}, {});
  const ProgramResult text = transcribe(recording);
  EXPECT_EQ(text.exit_code, 0) << text.errors;
  EXPECT_EQ(text.output, "\n");
  expect_one_error(features(recording), "header.wav: is too short for a frame");
  EXPECT_THAT(run_harpy({"info", recording.string()}).output, HasSubstr("0.000 s"));
}

TEST_F(AudioEdges, OneSampleIsAnEmptyTextButHasNoFeatures) {
  for (const int rate_hz : {8000, 16000, 48000}) {
    const auto recording = record("one.wav", {.sample_rate_hz = rate_hz}, std::vector<float>{0.5F});
    const ProgramResult text = transcribe(recording);
    EXPECT_EQ(text.exit_code, 0) << text.errors;
    EXPECT_EQ(text.output, "\n");
    expect_one_error(features(recording), "one.wav: is too short for a frame");
    expect_one_error(features(recording, {"--output", file("one.png").string()}),
                     "one.wav: is too short for a frame");
    EXPECT_FALSE(std::filesystem::exists(file("one.png")));
  }
}

TEST_F(AudioEdges, SilenceConstantsAndClippedSoundAreTranscribed) {
  expect_result(record("silent.wav", {}, std::vector<float>(32000)), 198);
  expect_result(record("constant.wav", {.code = kFloatWav}, std::vector<float>(32000, 0.7F)), 198);
  auto samples = tone(16000, 20.0F);
  expect_result(record("beyond.wav", {.code = kFloatWav}, samples), 198);
  for (float& sample : samples) sample = std::clamp(sample, -1.0F, 1.0F);
  expect_result(record("clipped.wav", {}, samples), 198);
  EXPECT_THAT(run_harpy({"info", file("clipped.wav").string()}).output,
              HasSubstr("clipped samples"));
}

TEST_F(AudioEdges, AConstantIsHeardAsSilenceIs) {
  record("silent.wav", {.code = kFloatWav}, std::vector<float>(32000));
  record("constant.wav", {.code = kFloatWav}, std::vector<float>(32000, 0.5F));
  EXPECT_EQ(features(file("constant.wav")).output, features(file("silent.wav")).output);
  EXPECT_EQ(transcribe(file("constant.wav")).output, transcribe(file("silent.wav")).output);
}

TEST_F(AudioEdges, TelephoneAndStudioRatesAreTranscribed) {
  expect_result(record("telephone.wav", {.sample_rate_hz = 8000}, tone(8000)), 198);
  expect_result(record("slow.wav", {.sample_rate_hz = 4000}, tone(4000)), 198);
  expect_result(record("fast.wav", {.sample_rate_hz = 192000}, tone(192000)), 198);
}

TEST_F(AudioEdges, StereoAtAHighRateIsMixedOrTakenApart) {
  const std::vector<float> left = tone(48000);
  std::vector<float> both(2 * left.size());
  std::vector<float> one(2 * left.size());
  std::vector<float> half(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) {
    both[2 * i] = both[2 * i + 1] = one[2 * i + 1] = left[i];
    half[i] = left[i] / 2.0F;
  }
  const SoundFormat mono{.code = kFloatWav, .sample_rate_hz = 48000};
  const SoundFormat stereo{.code = kFloatWav, .sample_rate_hz = 48000, .channel_count = 2};
  record("mono.wav", mono, left);
  record("half.wav", mono, half);
  record("both.wav", stereo, both);
  record("one.wav", stereo, one);
  expect_result(file("both.wav"), 198);
  EXPECT_EQ(transcribe(file("both.wav")).output, transcribe(file("mono.wav")).output);
  const std::string expected = features(file("mono.wav")).output;
  EXPECT_EQ(features(file("both.wav")).output, expected);
  EXPECT_EQ(features(file("one.wav"), {"--channel", "2"}).output, expected);
  EXPECT_EQ(features(file("one.wav")).output, features(file("half.wav")).output);
  const std::string apart = features(file("one.wav"), {"--channel", "each"}).output;
  EXPECT_EQ(std::count(apart.begin(), apart.end(), '\n'), 1 + 2 * 198);
  expect_one_error(features(file("one.wav"), {"--channel", "3"}), "one.wav: has no channel 3");
}

TEST_F(AudioEdges, InfoTellsThingsApartByLooking) {
  const auto recording = record("a.wav", {}, tone(16000));
  std::filesystem::rename(recording, file("a"));
  const auto graph = model() / "graph.harpy";
  const ProgramResult all =
      run_harpy({"info", "--json", file("a").string(), model().string(), graph.string()});
  EXPECT_EQ(all.exit_code, 0) << all.errors;
  std::istringstream lines(all.output);
  for (const char* kind : {"audio", "model", "graph"}) {
    std::string line;
    ASSERT_TRUE(std::getline(lines, line));
    EXPECT_EQ(boost::json::parse(line).at("kind"), kind);
  }
  const ProgramResult mixed =
      run_harpy({"info", file("absent").string(), (model() / "model.json").string()});
  EXPECT_EQ(mixed.exit_code, 1);
  EXPECT_THAT(mixed.output, HasSubstr("trunk.0"));
  EXPECT_THAT(mixed.errors, HasSubstr("absent: no such file"));
  EXPECT_THAT(mixed.errors, HasSubstr("1 of 2 could not be described"));
}

TEST_F(AudioEdges, InfoListsDevices) {
  const ProgramResult result = run_harpy({"info", "--devices"});
  EXPECT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_THAT(result.output, HasSubstr("cpu"));
  EXPECT_THAT(result.output, HasSubstr("cuda"));
}

TEST_F(AudioEdges, InfoRefusesWrongUsage) {
  const auto recording = record("a.wav", {}, tone(16000));
  EXPECT_EQ(run_harpy({"info"}).exit_code, 2);
  EXPECT_EQ(run_harpy({"info", "--features"}).exit_code, 2);
  EXPECT_EQ(run_harpy({"info", recording.string(), "--output", "a.png"}).exit_code, 2);
  EXPECT_EQ(features(recording, {"--feature", "bins=4"}).exit_code, 2);
  EXPECT_EQ(features(recording, {"--channel", "0"}).exit_code, 2);
  EXPECT_EQ(features(recording, {"--output", "a.gif"}).exit_code, 2);
  EXPECT_EQ(features(recording, {recording.string()}).exit_code, 2);
}

}  // namespace
}  // namespace harpy

#include "frontend/audio/ffmpeg_source.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/foreign_format.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using testing::error_of;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_all;
using ::testing::StartsWith;

/// What a stand-in for ffmpeg makes of the conversion.
class FfmpegStandIn : public ::testing::Test {
 protected:
  FfmpegStandIn() {
    testing::write_bytes(recording_, "not looked at");
    for (const auto& folder : {programs_, libraries_}) std::filesystem::create_directory(folder);
    setenv("PATH", (programs_.string() + ":" + path_).c_str(), 1);
  }
  ~FfmpegStandIn() override { setenv("PATH", path_.c_str(), 1); }

  void be_ffmpeg(const std::string& script) const {
    const auto program = programs_ / "ffmpeg";
    testing::write_bytes(program, "#!/bin/sh\n" + script);
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
  }

  /// A script that gives an AU file of these samples, which is where a program may read.
  std::string gives(std::span<const float> samples, int channel_count = 1) const {
    const auto sound = libraries_ / "sound.au";
    testing::write_sound(sound,
                         {.code = SF_FORMAT_AU | SF_FORMAT_PCM_16 | SF_ENDIAN_BIG,
                          .sample_rate_hz = 44100,
                          .channel_count = channel_count},
                         samples);
    return "cat '" + sound.string() + "'\n";
  }

  std::string error_of_reading(const ProcessLimits& limits = {}) const {
    return error_of([&] {
      FfmpegSource source(recording_, limits);
      read_all(source);
    });
  }

  const std::string path_ = std::getenv("PATH");
  testing::TemporaryDirectory directory_;
  const std::filesystem::path programs_ = directory_.path() / "bin";
  const std::filesystem::path libraries_ = directory_.path() / "lib";
  const std::filesystem::path recording_ = directory_.path() / "talk.webm";
};

TEST_F(FfmpegStandIn, GivesSamplesOfTheFilesRateAndChannels) {
  const auto samples = testing::glide(30000);
  be_ffmpeg(gives(samples, 2));
  for (const std::int64_t piece : {1, 1000, 1 << 20}) {
    FfmpegSource source(recording_);
    EXPECT_EQ(source.name(), recording_.string());
    EXPECT_EQ(source.sample_rate_hz(), 44100);
    EXPECT_EQ(source.channel_count(), 2);
    testing::expect_near(read_all(source, piece), samples, 1.0 / 32767);
    EXPECT_THAT(source.notes(), IsEmpty());
    EXPECT_THAT(source.read(1), IsEmpty());
  }
}

TEST_F(FfmpegStandIn, SaysWhatFfmpegComplainsOf) {
  be_ffmpeg("echo '[mov,mp4 @ 0x55a] moov atom not found' >&2; exit 1");
  EXPECT_EQ(error_of_reading(),
            recording_.string() + ": ffmpeg failed with code 1: moov atom not found");
  be_ffmpeg("echo 'file:/dev/stdin: Invalid data found' >&2; exit 1");
  EXPECT_THAT(error_of_reading(), HasSubstr("ffmpeg failed with code 1: Invalid data found"));
}

TEST_F(FfmpegStandIn, ThatFailsInTheMiddleIsAnError) {
  be_ffmpeg(gives(testing::glide(9000)) + "echo damaged >&2; exit 1");
  EXPECT_EQ(error_of_reading(), recording_.string() + ": ffmpeg failed with code 1: damaged");
}

TEST_F(FfmpegStandIn, ThatGoesOnInSpiteOfAFaultIsNoted) {
  be_ffmpeg("echo '[matroska,webm @ 0x1] File ended prematurely' >&2\n" +
            gives(testing::glide(9000)));
  FfmpegSource source(recording_);
  EXPECT_EQ(read_all(source).size(), 9000U);
  EXPECT_THAT(source.notes(), ElementsAre("ffmpeg says: File ended prematurely"));
}

TEST_F(FfmpegStandIn, ThatTakesTooLongIsAnError) {
  be_ffmpeg("exec sleep 60");
  EXPECT_EQ(error_of_reading({.silence_s = 0.2}),
            recording_.string() + ": ffmpeg gave nothing for 0.2 s");
  be_ffmpeg("while :; do :; done");
  EXPECT_EQ(error_of_reading({.cpu_s = 1}),
            recording_.string() + ": ffmpeg was stopped: it took more than 1 s of processor time");
}

TEST_F(FfmpegStandIn, ThatGivesNoSamplesIsAnError) {
  be_ffmpeg("exit 0");
  EXPECT_THAT(error_of_reading(), HasSubstr("ffmpeg finds no sound in it"));
  be_ffmpeg("exec echo something else that is longer than the header of a file");
  EXPECT_THAT(error_of_reading(), HasSubstr("ffmpeg gives something else than samples"));
  be_ffmpeg("printf '.snd\\0\\0\\0\\030\\0\\0\\0\\0\\0\\0\\0\\003\\0\\0\\0\\001\\0\\0\\0\\001'");
  EXPECT_THAT(error_of_reading(), HasSubstr("expected 4,000 to 192,000 Hz"));
}

TEST_F(FfmpegStandIn, ThatIsNotInstalledIsNamed) {
  setenv("PATH", (directory_.path() / "nothing").c_str(), 1);
  EXPECT_EQ(error_of_reading(),
            recording_.string() +
                ": needs ffmpeg, which is not installed (on Debian: apt install ffmpeg)");
}

TEST_F(FfmpegStandIn, IsNotAskedForFilesThatAreNotThere) {
  be_ffmpeg("exit 1");
  EXPECT_EQ(error_of([&] { FfmpegSource source(directory_.path() / "absent.webm"); }),
            (directory_.path() / "absent.webm").string() + ": no such file");
}

/// The system's ffmpeg, which also makes the recordings.
class Ffmpeg : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!find_program("ffmpeg")) GTEST_SKIP() << "needs ffmpeg";
    const auto sound = directory_.path() / "sound.wav";
    testing::write_sound(sound, {.channel_count = 2}, samples_);
  }

  /// Whether this ffmpeg can write the form that a file's ending names.
  bool make(const std::filesystem::path& recording) const {
    return std::system(("ffmpeg -nostdin -loglevel quiet -i '" +
                        (directory_.path() / "sound.wav").string() + "' '" + recording.string() +
                        "'")
                           .c_str()) == 0;
  }

  testing::TemporaryDirectory directory_;
  const std::vector<float> samples_ = testing::glide(96000);
};

TEST_F(Ffmpeg, ReadsWhatIsOtherwiseRefused) {
  for (const char* name : {"a.webm", "a.mkv", "a.mp4", "a.m4a", "a.mov", "a.aac", "a.wma", "a.ac3",
                           "a.mp2", "a.wv", "a.tta", "a.voc", "a.flv", "a.ts", "a.avi"}) {
    SCOPED_TRACE(name);
    const auto recording = directory_.path() / name;
    if (!make(recording)) continue;
    EXPECT_THROW(AudioFile file(recording), UnsupportedAudio);
    FfmpegSource source(recording);
    EXPECT_EQ(source.channel_count(), 2);
    const double seconds =
        static_cast<double>(read_all(source).size()) / 2.0 / source.sample_rate_hz();
    EXPECT_NEAR(seconds, 3.0, 0.2);
    EXPECT_THAT(source.notes(), IsEmpty());
  }
}

TEST_F(Ffmpeg, DoesNotFollowPlaylists) {
  const auto recording = directory_.path() / "list.m3u8";
  testing::write_bytes(recording, "#EXTM3U\n#EXT-X-TARGETDURATION:3\n#EXTINF:3,\n" +
                                      (directory_.path() / "sound.wav").string() +
                                      "\n#EXT-X-ENDLIST\n");
  EXPECT_THAT(error_of([&] { FfmpegSource source(recording); }),
              StartsWith(recording.string() + ": ffmpeg failed"));
}

TEST_F(Ffmpeg, SaysWhenAFileIsCutOff) {
  for (const char* name : {"a.m4a", "a.mkv"}) {
    SCOPED_TRACE(name);
    const auto recording = directory_.path() / name;
    if (!make(recording)) continue;
    const std::string bytes = testing::read_bytes(recording);
    testing::write_bytes(recording, bytes.substr(0, bytes.size() / 2));
    std::vector<std::string> notes;
    const std::string error = error_of([&] {
      FfmpegSource source(recording);
      read_all(source);
      notes = source.notes();
    });
    EXPECT_TRUE(error != "no error" || !notes.empty());
  }
}

}  // namespace
}  // namespace harpy

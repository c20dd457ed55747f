#include "tools/transcribe/recordings.hpp"

#include <fstream>
#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class Recordings : public ::testing::Test {
 protected:
  fs::path path(const std::string& name) const { return directory_.path() / name; }

  void write(const std::string& name, int channels = 1, int frames = 800) const {
    fs::create_directories(path(name).parent_path());
    harpy::testing::write_sound(
        path(name), {.sample_rate_hz = 8000, .channel_count = channels},
        std::vector<float>(static_cast<std::size_t>(frames * channels), 0.1F));
  }

  std::vector<std::string> ids(const RecordingList& list) const {
    std::vector<std::string> found;
    for (const Recording& recording : list.recordings()) {
      found.push_back(recording.id.starts_with("/")
                          ? fs::path(recording.id).lexically_relative(directory_.path()).string()
                          : recording.id);
    }
    return found;
  }

  template <typename Action>
  static std::string error_of(const Action& action) {
    try {
      action();
    } catch (const std::exception& error) {
      return error.what();
    }
    return {};
  }

  harpy::testing::TemporaryDirectory directory_;
  std::istringstream nothing_;
};

TEST_F(Recordings, FoldersAreSearchedInTheOrderOfTheirPaths) {
  for (const char* name : {"b.WAV", "a/z.flac", "a/c/y.wav", ".hidden/x.wav", ".w.wav"})
    write(name);
  std::ofstream(path("a/notes.txt")) << "x";
  const RecordingList list({.inputs = {directory_.path().string()}}, nothing_);
  EXPECT_THAT(ids(list), ElementsAre("a/c/y.wav", "a/z.flac", "b.WAV"));
  EXPECT_EQ(list.recordings()[0].name, "a/c/y");
}

TEST_F(Recordings, AFolderWithoutAudioIsARecordingWithAFault) {
  fs::create_directory(path("empty"));
  write("good.wav");
  const RecordingList list({.inputs = {path("empty").string(), path("good.wav").string()}},
                           nothing_);
  ASSERT_EQ(list.recordings().size(), 2U);
  EXPECT_THAT(error_of([&] { open_recording(list.recordings()[0]); }),
              HasSubstr("empty: holds no file that ends like a recording"));
  EXPECT_DOUBLE_EQ(*recording_length_s(list.recordings()[1]), 0.1);
}

TEST_F(Recordings, OfFoldersThatOnlyFfmpegReadsAreNamedOrTaken) {
  write("good.wav");
  for (const char* name : {"b.m4a", "a.WEBM"}) std::ofstream(path(name)) << "x";
  const RecordingList without({.inputs = {directory_.path().string()}}, nothing_);
  EXPECT_THAT(ids(without), ElementsAre("good.wav"));
  EXPECT_THAT(without.notes(), ElementsAre(path("a.WEBM").string() +
                                           " and 1 more are passed over, for only ffmpeg can read "
                                           "such files; add --ffmpeg"));
  const RecordingList with({.inputs = {directory_.path().string()}, .with_ffmpeg = true}, nothing_);
  EXPECT_THAT(ids(with), ElementsAre("a.WEBM", "b.m4a", "good.wav"));
  EXPECT_THAT(with.notes(), ElementsAre());
  EXPECT_EQ(with.recordings()[1].name, "b");
}

TEST_F(Recordings, ThatOnlyFfmpegReadsSayHowToReadThem) {
  std::ofstream(path("a.m4a")) << std::string("\0\0\0\x20", 4) << "ftypM4A "
                               << std::string(90, 'x');
  const RecordingList list({.inputs = {path("a.m4a").string()}}, nothing_);
  EXPECT_THAT(error_of([&] { open_recording(list.recordings()[0]); }),
              AllOf(HasSubstr("is an M4A file"), EndsWith(", or add --ffmpeg")));
}

TEST_F(Recordings, OfManifestsNameTheirChannel) {
  write("x.wav", 2);
  std::ofstream(path("list.jsonl")) << R"({"audio": "x.wav", "channel": 2})"
                                    << "\n";
  const RecordingList list({.manifest = path("list.jsonl")}, nothing_);
  EXPECT_EQ(list.recordings()[0].channel, 1);
}

TEST_F(Recordings, ManifestsAreJsonLinesOrKaldiDirectories) {
  write("x.wav");
  std::ofstream(path("list.jsonl"))
      << R"({"id": "u1", "audio": "x.wav", "start": 0.02, "end": 0.07})"
      << "\n";
  fs::create_directory(path("kaldi"));
  std::ofstream(path("kaldi/wav.scp")) << "k1 " << path("x.wav").string() << "\n";
  std::ofstream(path("kaldi/text")) << "k1 HELLO\n";
  const RecordingList lines({.manifest = path("list.jsonl")}, nothing_);
  EXPECT_THAT(ids(lines), ElementsAre("u1"));
  EXPECT_NEAR(*recording_length_s(lines.recordings()[0]), 0.05, 1e-9);
  EXPECT_THAT(ids(RecordingList({.manifest = path("kaldi")}, nothing_)), ElementsAre("k1"));
}

TEST_F(Recordings, KaldiDirectoriesMayHaveWavScpAlone) {
  write("x.wav", 2);
  fs::create_directory(path("kaldi"));
  std::ofstream(path("kaldi/wav.scp")) << "k1 " << path("x.wav").string() << "\n";
  EXPECT_THAT(ids(RecordingList({.manifest = path("kaldi")}, nothing_)), ElementsAre("k1"));
  std::ofstream(path("kaldi/segments")) << "s1 k1 0 0.05 1\ns2 k1 0.05 -1\n";
  std::ofstream(path("kaldi/text")) << "s9 HELLO\n";
  const RecordingList list({.manifest = path("kaldi")}, nothing_);
  EXPECT_THAT(ids(list), ElementsAre("s1", "s2"));
  EXPECT_EQ(list.recordings()[0].channel, 1);
  EXPECT_EQ(list.recordings()[1].channel, std::nullopt);
  EXPECT_THAT(list.notes(),
              ElementsAre(HasSubstr("text:1: there is no recording of utterance s9")));
  EXPECT_THAT(
      error_of([&] { RecordingList({.manifest = path("kaldi"), .is_strict = true}, nothing_); }),
      HasSubstr("text:1: there is no recording of utterance s9"));
  const RecordingList chosen({.manifest = path("kaldi"), .channel = 0}, nothing_);
  EXPECT_EQ(chosen.recordings()[0].channel, 0);
}

TEST_F(Recordings, EachChannelIsARecordingOfItsOwn) {
  write("stereo.wav", 2);
  const RecordingList list(
      {.inputs = {path("stereo.wav").string(), path("absent.wav").string()}, .each_channel = true},
      nothing_);
  EXPECT_THAT(ids(list), ElementsAre("stereo.wav-1", "stereo.wav-2", "absent.wav"));
  EXPECT_EQ(list.recordings()[1].channel, 1);
  EXPECT_EQ(channel_name(list.recordings()[1]), "stereo-2");
  EXPECT_THAT(list.recordings()[2].fault, HasSubstr("absent.wav"));
}

TEST_F(Recordings, StandardInputIsKeptInAFileUntilTheListEnds) {
  write("x.wav");
  std::ifstream input(path("x.wav"), std::ios::binary);
  fs::path kept;
  {
    const RecordingList list({.inputs = {"-"}}, input);
    kept = list.recordings()[0].spooled;
    EXPECT_EQ(open_recording(list.recordings()[0]).source->sample_rate_hz(), 8000);
  }
  EXPECT_FALSE(fs::exists(kept));
  EXPECT_THAT(error_of([&] { RecordingList({.inputs = {"-", "-"}}, input); }), HasSubstr("twice"));
  const RecordingList empty({.inputs = {"-"}}, nothing_);
  EXPECT_THAT(error_of([&] { open_recording(empty.recordings()[0]); }), HasSubstr("is empty"));
}

TEST_F(Recordings, RawFilesNeedNoHeader) {
  std::ofstream(path("a.raw"), std::ios::binary) << std::string(3200, '\0');
  const PcmFormat raw{.coding = PcmCoding::kS16, .sample_rate_hz = 8000, .channel_count = 2};
  const RecordingList list({.inputs = {path("a.raw").string()}, .raw = raw}, nothing_);
  const OpenRecording opened = open_recording(list.recordings()[0]);
  EXPECT_EQ(opened.source->read(10000).size(), 1600U);
  EXPECT_DOUBLE_EQ(*opened.length_s, 0.1);
  const RecordingList bad({.inputs = {path("absent.raw").string()}, .raw = raw}, nothing_);
  EXPECT_THAT(error_of([&] { open_recording(bad.recordings()[0]); }),
              HasSubstr("absent.raw: cannot be opened"));
}

TEST_F(Recordings, NothingAndEqualNamesAreErrors) {
  EXPECT_THAT(error_of([&] { RecordingList({}, nothing_); }), HasSubstr("nothing to transcribe"));
  write("a/x.wav");
  write("b/x.wav");
  const RecordingList list({.inputs = {path("a/x.wav").string(), path("b/x.wav").string()}},
                           nothing_);
  EXPECT_THAT(error_of([&] { list.check_names_differ(); }), HasSubstr("have the name \"x\""));
}

TEST_F(Recordings, NamesOfOutputsStayInTheirFolder) {
  EXPECT_EQ(output_name("audio/a1.flac"), "audio/a1");
  EXPECT_EQ(output_name("../../etc/passwd"), "_/_/etc/passwd");
  EXPECT_EQ(output_name("/etc/./x.y"), "etc/x.y");
  EXPECT_EQ(output_name("/"), "_");
}

}  // namespace
}  // namespace harpy::tools

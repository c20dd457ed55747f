#include "acoustic/training/kaldi_directory.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class KaldiDirectoryTest : public ::testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) const {
    std::ofstream(directory_.path() / name) << text;
  }
  std::vector<ManifestEntry> entries() const {
    return read_kaldi_directory(directory_.path()).entries;
  }
  std::string error() const {
    try {
      entries();
    } catch (const std::runtime_error& failure) {
      return failure.what();
    }
    return "no error";
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(KaldiDirectoryTest, WithoutSegmentsEachRecordingIsAnUtterance) {
  write("wav.scp", "a1 /data/a 1.wav\nb1\tb1.flac\r\n\n");
  write("text", "b1 HELLO  WORLD \na1 YES\n");
  write("utt2spk", "a1 anna\nb1 bert\n");
  const std::vector<ManifestEntry> found = entries();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].id, "a1");
  EXPECT_EQ(found[0].audio, "/data/a 1.wav");
  EXPECT_EQ(found[0].text, "YES");
  EXPECT_EQ(found[0].speaker, "anna");
  EXPECT_EQ(found[0].start_s, 0.0);
  EXPECT_FALSE(found[0].end_s.has_value());
  EXPECT_THAT(found[0].source, HasSubstr("wav.scp:1"));
  EXPECT_EQ(found[1].audio, "b1.flac");
  EXPECT_EQ(found[1].text, "HELLO  WORLD");
}

TEST_F(KaldiDirectoryTest, SegmentsCutRecordingsIntoUtterances) {
  write("wav.scp", "tape tape.wav\nunused other.wav\n");
  write("segments", "u1 tape 0.5 2.25\nu2 tape 3 -1\n");
  write("text", "u1 ONE\nu2 TWO\n");
  const std::vector<ManifestEntry> found = entries();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].audio, "tape.wav");
  EXPECT_EQ(found[0].start_s, 0.5);
  EXPECT_EQ(found[0].end_s, 2.25);
  EXPECT_EQ(found[0].duration_s, 1.75);
  EXPECT_EQ(found[0].speaker, "");
  EXPECT_THAT(found[0].source, HasSubstr("segments:1"));
  EXPECT_EQ(found[1].start_s, 3.0);
  EXPECT_FALSE(found[1].end_s.has_value());
}

TEST_F(KaldiDirectoryTest, UtterancesWithoutATranscriptHaveAnEmptyOne) {
  write("wav.scp", "a a.wav\nb b.wav\n");
  write("text", "a\n");
  const std::vector<ManifestEntry> found = entries();
  ASSERT_THAT(found, SizeIs(2));
  EXPECT_EQ(found[0].text, "");
  EXPECT_EQ(found[1].text, "");
}

TEST_F(KaldiDirectoryTest, CommandsAreRefusedAndNotRun) {
  const auto trap = directory_.path() / "trap";
  write("wav.scp", "a a.wav\nb touch " + trap.string() + " |\n");
  write("text", "a ONE\nb TWO\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("wav.scp:2: recording b is the output of a command"),
                             HasSubstr("not run")));
  EXPECT_FALSE(std::filesystem::exists(trap));
}

TEST_F(KaldiDirectoryTest, ErrorsNameFileAndLine) {
  EXPECT_THAT(error(), HasSubstr("wav.scp: cannot be opened"));
  write("wav.scp", "a a.wav\nb\n");
  EXPECT_THAT(error(), HasSubstr("wav.scp:2: recording b has no path"));
  write("wav.scp", "a a.wav\na b.wav\n");
  EXPECT_THAT(error(), AllOf(HasSubstr("wav.scp:2: a was met before"), HasSubstr("wav.scp:1")));
  write("wav.scp", "a a.wav\n");
  EXPECT_THAT(error(), HasSubstr("text: cannot be opened"));
  write("text", "a ONE\nz TWO\n");
  EXPECT_THAT(error(), HasSubstr("text:2: there is no recording of utterance z"));
  write("text", "a ONE\n");
  write("utt2spk", "z anna\n");
  EXPECT_THAT(error(), HasSubstr("utt2spk:1: there is no recording of utterance z"));
}

TEST_F(KaldiDirectoryTest, BadSegmentsAreRefused) {
  write("wav.scp", "a a.wav\n");
  write("text", "u ONE\n");
  for (const auto& [line, problem] : {std::pair{"u a 1", "expected UTTERANCE RECORDING START END"},
                                      {"u a one 2", "expected UTTERANCE RECORDING START END"},
                                      {"u a 1 2s", "expected UTTERANCE RECORDING START END"},
                                      {"u", "recording  is not in wav.scp"},
                                      {"u b 1 2", "recording b is not in wav.scp"},
                                      {"u a -2 2", "the start is negative"},
                                      {"u a nan 2", "expected UTTERANCE RECORDING START END"},
                                      {"u a 2 2", "the end is not after the start"}}) {
    write("segments", std::string(line) + "\n");
    EXPECT_THAT(error(), HasSubstr(std::string("segments:1: ") + problem)) << line;
  }
}

TEST_F(KaldiDirectoryTest, ForDecodingNeedsTheRecordingsAlone) {
  write("wav.scp", "a a.wav\nb b.wav\n");
  const KaldiDirectory found =
      read_kaldi_directory(directory_.path(), {.needs_text = false, .is_strict = false});
  EXPECT_THAT(found.entries, SizeIs(2));
  EXPECT_THAT(found.notes, IsEmpty());
  write("segments", "u a 0 1\nv b 2.5 -1\n");
  EXPECT_THAT(read_kaldi_directory(directory_.path(), {.needs_text = false}).entries, SizeIs(2));
}

TEST_F(KaldiDirectoryTest, LinesWithoutARecordingAreNamedAndPassedOver) {
  write("wav.scp", "a a.wav\nunused b.wav\n");
  write("segments", "u a 0 1\nv absent 2 3\n");
  write("text", "z ONE\nu TWO\n");
  write("utt2spk", "u anna\nz bert\n");
  const KaldiDirectory found =
      read_kaldi_directory(directory_.path(), {.needs_text = true, .is_strict = false});
  ASSERT_THAT(found.entries, SizeIs(1));
  EXPECT_EQ(found.entries[0].text, "TWO");
  EXPECT_EQ(found.entries[0].speaker, "anna");
  EXPECT_THAT(found.notes,
              ElementsAre(HasSubstr("segments:2: recording absent is not in wav.scp"),
                          HasSubstr("wav.scp:2: recording unused has no line in segments"),
                          HasSubstr("text:1: there is no recording of utterance z; the line is "
                                    "passed over"),
                          HasSubstr("utt2spk:2: there is no recording of utterance z")));
}

TEST_F(KaldiDirectoryTest, ManyLinesWithoutARecordingAreCounted) {
  write("wav.scp", "a a.wav\n");
  std::string text;
  for (int i = 0; i < 100; ++i) text += "z" + std::to_string(i) + " WORD\n";
  write("text", text);
  const KaldiDirectory found = read_kaldi_directory(directory_.path(), {.is_strict = false});
  ASSERT_THAT(found.notes, SizeIs(6));
  EXPECT_THAT(found.notes.back(), HasSubstr("text: 95 more such lines are passed over"));
}

TEST_F(KaldiDirectoryTest, TheFifthColumnOfSegmentsIsTheChannel) {
  write("wav.scp", "call call.wav\n");
  write("segments", "left call 0 5 0\nright call 0.0 5.0 1\nboth call 0 5\n");
  write("text", "left A\n");
  const std::vector<ManifestEntry> found = entries();
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_EQ(found[0].channel, 0);
  EXPECT_EQ(found[1].channel, 1);
  EXPECT_EQ(found[2].channel, std::nullopt);
}

TEST_F(KaldiDirectoryTest, NothingInALineIsDroppedWithoutAWord) {
  write("wav.scp", "a a.wav\n");
  write("text", "u ONE\n");
  for (const auto& [line, problem] :
       {std::pair{"u a 0 1 left", "expected a channel counted from 0, got left"},
        {"u a 0 1 -1", "expected a channel counted from 0, got -1"},
        {"u a 0 1 0 more", "too many fields"}}) {
    write("segments", std::string(line) + "\n");
    EXPECT_THAT(error(), HasSubstr(std::string("segments:1: ") + problem)) << line;
  }
  write("segments", "u a 0 1\n");
  write("utt2spk", "u anna bert\n");
  EXPECT_THAT(error(), HasSubstr("utt2spk:1: too many fields"));
}

TEST_F(KaldiDirectoryTest, MayBeginWithAByteOrderMarkAndEndLinesAsWindowsDoes) {
  write("wav.scp", "\xEF\xBB\xBFutt1 speech.wav\r\n");
  write("text", "\xEF\xBB\xBFutt1 a\r\n");
  const std::vector<ManifestEntry> found = entries();
  ASSERT_THAT(found, SizeIs(1));
  EXPECT_EQ(found[0].id, "utt1");
  EXPECT_EQ(found[0].audio, "speech.wav");
  EXPECT_EQ(found[0].text, "a");
  write("text", "utt1 caf\xE9\n");
  EXPECT_THAT(error(), HasSubstr("text:1:9: the byte 0xE9 is not UTF-8"));
}

}  // namespace
}  // namespace harpy

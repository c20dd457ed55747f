// Files that are sound for others but not for us are named for what they are.
#include "frontend/audio/foreign_format.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/audio/audio_file.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;

TEST(ForeignFormats, AreNamedWithTheLineThatConvertsThem) {
  const testing::TemporaryDirectory directory;
  const std::string rest(5000, '\x55');
  const std::string adts("\xFF\xF1\x50\x80\x02\x1F\xFC", 7);  // a frame of 16 bytes
  const std::string adts_frames = adts + std::string(9, 'x') + adts + rest;
  for (const auto& [name, bytes, expected] :
       std::initializer_list<std::tuple<const char*, std::string, const char*>>{
           {"a.webm", "\x1A\x45\xDF\xA3\x01\x42\x82\x84webm" + rest, "a WebM file"},
           {"a.mkv", "\x1A\x45\xDF\xA3\x01\x42\x82\x88matroska" + rest, "a Matroska file"},
           {"a.m4a", std::string("\0\0\0\x20", 4) + "ftypM4A " + rest, "an M4A file"},
           {"a.mp4", std::string("\0\0\0\x20", 4) + "ftypisom" + rest, "an MP4 file"},
           {"a.mov", std::string("\0\0\0\x14", 4) + "ftypqt  " + rest, "a QuickTime movie"},
           {"a.3gp", std::string("\0\0\0\x14", 4) + "ftyp3gp4" + rest, "a 3GP file"},
           {"a.aac", adts_frames, "an AAC file"},
           {"a.wma", "\x30\x26\xB2\x75\x8E\x66\xCF\x11" + rest, "a WMA or ASF file"},
           {"a.amr", "#!AMR\n" + rest, "an AMR file"},
           {"a.awb", "#!AMR-WB\n" + rest, "an AMR-WB file"},
           {"a.shn", "ajkg\x02" + rest, "a file compressed by shorten"},
           {"a.ape", "MAC \x96" + rest, "a Monkey's Audio file"},
           {"a.wv", "wvpk" + rest, "a WavPack file"},
           {"a.silk", "#!SILK_V3" + rest, "a SILK file"},
           {"a.spx", "OggS" + std::string(24, '\0') + "Speex   " + rest, "an Ogg Speex file"},
           {"a.tta", "TTA1" + rest, "a True Audio file"},
           {"a.mpc", "MPCK" + rest, "a Musepack file"},
           {"a.ac3", "\x0B\x77" + rest, "an AC-3 file"},
           {"a.dts", "\x7F\xFE\x80\x01" + rest, "a DTS file"},
           {"a.rm", ".RMF" + rest, "a RealMedia file"},
           {"a.flv", "FLV\x01" + rest, "a Flash video"},
           {"a.mpg", std::string("\0\0\x01\xBA", 4) + rest, "an MPEG program stream"},
           {"a.ts", "G" + std::string(187, 'x') + "G" + std::string(187, 'x') + "G" + rest,
            "an MPEG transport stream"},
           {"a.avi", "RIFF1234AVI LIST" + rest, "an AVI film"}}) {
    const auto path = directory.path() / name;
    testing::write_bytes(path, bytes);
    EXPECT_THAT(testing::error_of([&] { AudioFile file(path); }),
                AllOf(HasSubstr(std::string(name) + ": is " + expected),
                      HasSubstr("which is not supported"),
                      EndsWith("convert it with: ffmpeg -i " + path.string() + " " +
                               (directory.path() / "a.wav").string())));
  }
}

TEST(ForeignFormats, OfArchivesAreUnpackedFirst) {
  const testing::TemporaryDirectory directory;
  const auto path = directory.path() / "a.wav.gz";
  for (const auto& [bytes, expected] :
       {std::pair{"\x1F\x8B\x08 packed", "is compressed by gzip; unpack it first"},
        {"PK\x03\x04 packed", "is a ZIP archive; unpack it first"}}) {
    testing::write_bytes(path, bytes);
    EXPECT_EQ(testing::error_of([&] { AudioFile file(path); }), path.string() + ": " + expected);
  }
}

TEST(ForeignFormats, InFilesThatEndInWavAreConvertedToAnotherFile) {
  EXPECT_EQ(conversion_advice("talk.wav"), "convert it with: ffmpeg -i talk.wav talk-pcm.wav");
}

TEST(ForeignFormats, WithSpecialNamesAreQuotedForTheShell) {
  EXPECT_EQ(conversion_advice("my talk.m4a"),
            "convert it with: ffmpeg -i 'my talk.m4a' 'my talk.wav'");
  EXPECT_EQ(conversion_advice("it's.m4a"),
            "convert it with: ffmpeg -i 'it'\\''s.m4a' 'it'\\''s.wav'");
  EXPECT_EQ(conversion_advice("-i.m4a"), "convert it with: ffmpeg -i './-i.m4a' './-i.wav'");
}

}  // namespace
}  // namespace harpy

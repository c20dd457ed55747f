// Files of packets, which say little of their length and are joined by simply appending them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "frontend/audio/audio_file.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_bytes;
using testing::write_bytes;

constexpr std::size_t kPacketFrames = 48000;
constexpr int kMp3 = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;

class PacketFiles : public ::testing::Test {
 protected:
  std::string make(int code, int sample_rate_hz = 16000) {
    testing::write_sound(path_, {.code = code, .sample_rate_hz = sample_rate_hz},
                         testing::glide(kPacketFrames));
    return read_bytes(path_);
  }

  std::size_t sample_count(const std::string& bytes) {
    write_bytes(path_, bytes);
    AudioFile file(path_);
    return testing::read_all(file).size();
  }

  std::string error_of(const std::string& bytes) {
    return testing::error_of([&] { sample_count(bytes); });
  }

  /// A tag as music players write it, of 1,000 bytes.
  static std::string id3_tag() {
    return std::string("ID3\x03\0\0\0\0\x07\x5E", 10) + std::string(990, '\0');
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "sound.audio";
};

TEST_F(PacketFiles, OfMp3WithAHeaderAreExact) {
  const std::string bytes = make(kMp3);
  EXPECT_EQ(sample_count(bytes), kPacketFrames);
  EXPECT_EQ(sample_count(bytes + "TAG" + std::string(125, ' ')), kPacketFrames);
  EXPECT_EQ(sample_count(id3_tag() + bytes), kPacketFrames);
}

TEST_F(PacketFiles, OfMp3WithoutAHeaderAreReadToTheEnd) {
  const std::string bytes = make(kMp3);
  const std::size_t second_frame = bytes.find(bytes.substr(0, 2), 100);
  ASSERT_NE(second_frame, std::string::npos);
  const std::string plain = bytes.substr(second_frame);
  for (const std::string& variant :
       {plain, id3_tag() + plain, plain + "TAG" + std::string(125, ' ')}) {
    const std::size_t count = sample_count(variant);
    EXPECT_GE(count, kPacketFrames);
    EXPECT_LE(count, kPacketFrames + 3 * 1152);
  }
}

TEST_F(PacketFiles, OfMp3JoinedEndToEndAreReadToTheEnd) {
  const std::string bytes = make(kMp3);
  EXPECT_GE(sample_count(bytes + bytes), 2 * kPacketFrames);
  EXPECT_GE(sample_count(bytes + id3_tag() + bytes), 2 * kPacketFrames);
}

TEST_F(PacketFiles, OfMp3JoinedWithAnotherRateAreRefused) {
  const std::string bytes = make(kMp3);
  EXPECT_THAT(error_of(bytes + make(kMp3, 24000)), HasSubstr("different sample rates"));
}

TEST_F(PacketFiles, OfMp3CutOffAreRefused) {
  const std::string bytes = make(kMp3);
  EXPECT_THAT(error_of(bytes.substr(0, bytes.size() - 1)),
              HasSubstr("announces " + std::to_string(bytes.size()) + " bytes of MP3, it holds " +
                        std::to_string(bytes.size() - 1)));
}

TEST_F(PacketFiles, OfMp3WithoutAHeaderCutInsideAFrameSaySo) {
  const std::string bytes = make(kMp3);
  const std::string plain = bytes.substr(bytes.find(bytes.substr(0, 2), 100));
  const auto notes_of = [&](const std::string& content) {
    write_bytes(path_, content);
    AudioFile file(path_);
    testing::read_all(file);
    return file.notes();
  };
  EXPECT_THAT(notes_of(plain), IsEmpty());
  EXPECT_THAT(notes_of(plain + "TAG" + std::string(125, ' ')), IsEmpty());
  // The first shorter file without a note ends with the frame before; fewer than four bytes of the
  // next one are not told from other things.
  std::size_t begin = plain.size() - 1;
  while (!notes_of(plain.substr(0, begin)).empty()) --begin;
  begin -= 3;
  EXPECT_THAT(notes_of(plain.substr(0, begin)), IsEmpty());
  ASSERT_LT(plain.size() - begin, 1500U);
  for (std::size_t size = begin + 4; size < plain.size(); size += 29) {
    EXPECT_THAT(notes_of(plain.substr(0, size)),
                ElementsAre("is cut off: the " + std::to_string(size - begin) +
                            " bytes of MP3 at its end are no whole frame and are not read"));
  }
}

TEST_F(PacketFiles, OfFlacCutInsideAFrameAreRefused) {
  const std::string bytes = make(SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  for (const std::size_t missing : {1U, 100U, 5000U}) {
    EXPECT_THAT(error_of(bytes.substr(0, bytes.size() - missing)), HasSubstr(": is truncated"));
  }
}

TEST_F(PacketFiles, OfOggJoinedEndToEndAreReadToTheEnd) {
  for (const int code : {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS}) {
    const std::string bytes = make(code);
    EXPECT_EQ(sample_count(bytes), kPacketFrames);
    EXPECT_EQ(sample_count(bytes + bytes), 2 * kPacketFrames);
    EXPECT_EQ(sample_count(bytes + bytes + bytes), 3 * kPacketFrames);
    write_bytes(path_, bytes + bytes);
    EXPECT_EQ(AudioFile(path_).frame_count(), std::nullopt);
  }
}

TEST_F(PacketFiles, OfOggJoinedWithAnotherRateAreRefused) {
  const std::string bytes = make(SF_FORMAT_OGG | SF_FORMAT_VORBIS);
  EXPECT_THAT(error_of(bytes + make(SF_FORMAT_OGG | SF_FORMAT_VORBIS, 24000)),
              HasSubstr("joins Ogg streams of different sample rates"));
}

TEST_F(PacketFiles, OfOggWithOtherThingsBehindAreRead) {
  const std::string bytes = make(SF_FORMAT_OGG | SF_FORMAT_OPUS);
  EXPECT_EQ(sample_count(bytes + "TAG" + std::string(125, ' ')), kPacketFrames);
  EXPECT_THAT(error_of(bytes + "junk" + bytes), HasSubstr("4 bytes at byte "));
}

TEST_F(PacketFiles, OfOggCutOffAnywhereAreRefused) {
  const std::string bytes = make(SF_FORMAT_OGG | SF_FORMAT_OPUS);
  for (std::size_t length = 4; length < bytes.size(); length += 97) {
    EXPECT_NE(error_of(bytes.substr(0, length)), "no error") << length;
  }
}

TEST_F(PacketFiles, OfOggWithADamagedPageAreRefused) {
  const std::string bytes = make(SF_FORMAT_OGG | SF_FORMAT_OPUS);
  std::string damaged = bytes;
  damaged[bytes.size() / 2] = static_cast<char>(damaged[bytes.size() / 2] ^ 1);
  EXPECT_THAT(error_of(damaged), HasSubstr("has a wrong checksum"));
}

TEST_F(PacketFiles, OfOggWithHeadersAloneAreRefused) {
  for (const int code : {SF_FORMAT_OGG | SF_FORMAT_VORBIS, SF_FORMAT_OGG | SF_FORMAT_OPUS}) {
    const std::string bytes = make(code);
    const std::size_t second_page = bytes.find("OggS", 4);
    const std::size_t third_page = bytes.find("OggS", second_page + 4);
    for (const std::size_t length : {second_page, third_page}) {
      EXPECT_THAT(error_of(bytes.substr(0, length)), HasSubstr("ends before its samples"));
    }
  }
}

TEST_F(PacketFiles, OfFlacWithoutALengthAreReadToTheEnd) {
  std::string bytes = make(SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  bytes[21] = static_cast<char>(bytes[21] & 0xF0);
  bytes.replace(22, 4, std::string(4, '\0'));
  write_bytes(path_, bytes);
  AudioFile file(path_);
  EXPECT_EQ(file.frame_count(), std::nullopt);
  EXPECT_EQ(testing::read_all(file).size(), kPacketFrames);
}

TEST_F(PacketFiles, OfFlacFromAPipeCutInsideAFrameAreRefused) {
  std::string bytes = make(SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  bytes[21] = static_cast<char>(bytes[21] & 0xF0);
  bytes.replace(22, 4, std::string(4, '\0'));
  for (const bool says_frame_size : {true, false}) {
    if (!says_frame_size) bytes.replace(12, 6, std::string(6, '\0'));
    EXPECT_EQ(sample_count(bytes), kPacketFrames);
    EXPECT_EQ(sample_count(bytes + "TAG" + std::string(125, ' ')), kPacketFrames);
    for (const std::size_t missing : {1U, 2U, 100U, 500U}) {
      EXPECT_THAT(error_of(bytes.substr(0, bytes.size() - missing)),
                  HasSubstr("is truncated: the file ends inside a frame of its FLAC stream"))
          << missing;
    }
  }
}

TEST_F(PacketFiles, OfFlacBehindAnId3TagAreRead) {
  const std::string bytes = make(SF_FORMAT_FLAC | SF_FORMAT_PCM_16);
  EXPECT_EQ(sample_count(id3_tag() + bytes), kPacketFrames);
}

TEST_F(PacketFiles, OfMp3BehindTagsWithWrongLengthsAreRead) {
  const std::string bytes = make(kMp3);
  const std::string zeros(5000, '\0');
  const std::string small_tag("ID3\x03\0\0\0\0\0\x64", 10);
  std::string footer_tag("ID3\x04\0\x10\0\0\0\x14", 10);
  footer_tag += std::string(20, ' ') + std::string("3DI\x04\0\x10\0\0\0\x14", 10);
  const std::string picture = small_tag + std::string(300'000, '\x7F');
  for (const std::string& front :
       {zeros, small_tag + zeros, footer_tag, footer_tag + id3_tag(), id3_tag() + id3_tag(),
        picture, std::string("junk in front"), std::string("\xFF\xFB\x90\x64 no frame"),
        "RIFF" + std::string(100, 'x')}) {
    SCOPED_TRACE(front.substr(0, 20));
    EXPECT_EQ(sample_count(front + bytes), kPacketFrames);
  }
}

TEST_F(PacketFiles, OfMp3WithoutAHeaderBehindJunkAreRead) {
  const std::string bytes = make(kMp3);
  const std::size_t second_frame = bytes.find(bytes.substr(0, 2), 100);
  const std::string plain = bytes.substr(second_frame);
  EXPECT_GE(sample_count(std::string(3000, '\0') + plain), kPacketFrames);
  EXPECT_GE(sample_count("junk" + plain), kPacketFrames);
}

TEST_F(PacketFiles, WithJunkTooLongInFrontAreRefused) {
  EXPECT_THAT(error_of(std::string(2'000'000, 'x') + make(kMp3)),
              HasSubstr("is not an audio file of a known format"));
}

}  // namespace
}  // namespace harpy

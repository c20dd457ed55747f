// Files whose header leaves their length open, as programs write them that cannot seek back.
#include "frontend/audio/chunk_container.hpp"

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

constexpr std::int64_t kContainerFrames = 3000;

std::string number(std::uint64_t value, std::size_t count, bool big_endian) {
  std::string bytes;
  for (std::size_t i = 0; i < count; ++i) {
    bytes.insert(big_endian ? bytes.begin() : bytes.end(), static_cast<char>(value >> (8 * i)));
  }
  return bytes;
}

class OpenLengths : public ::testing::Test {
 protected:
  /// A file of kContainerFrames samples, as bytes.
  std::string make(int code) {
    testing::write_sound(path_, {.code = code}, testing::glide(kContainerFrames));
    return read_bytes(path_);
  }

  void expect_all_samples(const std::string& bytes) {
    write_bytes(path_, bytes);
    AudioFile file(path_);
    EXPECT_EQ(file.frame_count(), kContainerFrames);
    const auto read = testing::read_all(file);
    testing::expect_near(read, testing::glide(kContainerFrames), 1.0 / 32767);
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "open.audio";
};

TEST_F(OpenLengths, OfWavFilesAreThatOfTheFile) {
  for (const bool big_endian : {false, true}) {
    std::string bytes =
        make(SF_FORMAT_WAV | SF_FORMAT_PCM_16 | (big_endian ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE));
    for (const auto& [riff, data] :
         std::initializer_list<std::pair<std::uint64_t, std::uint64_t>>{{0xFFFFFFFF, 0xFFFFFFFF},
                                                                        {0, 0},
                                                                        {8, 0},
                                                                        {36, 0},
                                                                        {0xFFFFFFFF, 0},
                                                                        {0x7FFFF024, 0x7FFFF000},
                                                                        {0x7FFFFFFF, 0x7FFFFFFF},
                                                                        {0x80000024, 0x80000000},
                                                                        {0xFFFFFFFF, 0xFFFFFFDB},
                                                                        {0x7FFF0024, 0x7FFF0000},
                                                                        {2000000036, 2000000000},
                                                                        {2000000000, 1999999964},
                                                                        {0x7F000024, 0x7F000000},
                                                                        {0x3FFFFFFF, 0x3FFFFFDB},
                                                                        {36 + 6000, 0},
                                                                        {36, 1500000000}}) {
      bytes.replace(4, 4, number(riff, 4, big_endian));
      bytes.replace(40, 4, number(data, 4, big_endian));
      SCOPED_TRACE(::testing::Message() << std::hex << riff << " " << data);
      expect_all_samples(bytes);
    }
  }
}

TEST_F(OpenLengths, OfRf64FilesAreThatOfTheFile) {
  std::string bytes = make(SF_FORMAT_RF64 | SF_FORMAT_PCM_16);
  const std::size_t ds64 = bytes.find("ds64");
  ASSERT_NE(ds64, std::string::npos);
  for (const std::uint64_t size : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    bytes.replace(ds64 + 16, 8, number(size, 8, false));
    expect_all_samples(bytes);
  }
}

TEST_F(OpenLengths, OfBw64FilesAreThatOfTheFile) {
  std::string bytes = make(SF_FORMAT_RF64 | SF_FORMAT_PCM_16);
  bytes.replace(0, 4, "BW64");
  expect_all_samples(bytes);
  EXPECT_EQ(AudioFile(path_).format(), "BW64, 16-bit PCM");
  bytes.replace(bytes.find("ds64") + 16, 8, number(~std::uint64_t{0}, 8, false));
  expect_all_samples(bytes);
}

TEST_F(OpenLengths, OfW64FilesAreThatOfTheFile) {
  std::string bytes = make(SF_FORMAT_W64 | SF_FORMAT_PCM_16);
  const std::size_t data = bytes.find("data");
  // ffmpeg writes the greatest signed number.
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{24}, ~std::uint64_t{0},
                                   ~std::uint64_t{0} / 2, std::uint64_t{2000000024}}) {
    bytes.replace(data + 16, 8, number(size, 8, false));
    expect_all_samples(bytes);
  }
}

TEST_F(OpenLengths, OfAiffFilesAreThatOfTheFile) {
  std::string bytes = make(SF_FORMAT_AIFF | SF_FORMAT_PCM_16);
  const std::size_t common = bytes.find("COMM");
  const std::size_t sound = bytes.find("SSND");
  for (const std::uint64_t size :
       {0x00000000U, 0x00000008U, 0x7FFFFFFFU, 0x7FFF0000U, 2000000000U, 0xFFFFFFFFU}) {
    bytes.replace(4, 4, number(size, 4, true));
    bytes.replace(common + 10, 4, number(size, 4, true));
    bytes.replace(sound + 4, 4, number(size, 4, true));
    SCOPED_TRACE(size);
    expect_all_samples(bytes);
  }
}

TEST_F(OpenLengths, OfAuFilesAreThatOfTheFile) {
  for (const bool big_endian : {false, true}) {
    std::string bytes =
        make(SF_FORMAT_AU | SF_FORMAT_PCM_16 | (big_endian ? SF_ENDIAN_BIG : SF_ENDIAN_LITTLE));
    for (const std::uint64_t size : {0x00000000U, 0x7FFF0000U, 2000000000U, 0xFFFFFFFFU}) {
      bytes.replace(8, 4, number(size, 4, big_endian));
      expect_all_samples(bytes);
    }
  }
}

TEST_F(OpenLengths, OfCafFilesAreThatOfTheFile) {
  std::string bytes = make(SF_FORMAT_CAF | SF_FORMAT_PCM_16);
  const std::size_t data = bytes.find("data");
  for (const std::uint64_t size : {std::uint64_t{0}, ~std::uint64_t{0}}) {
    bytes.replace(data + 4, 8, number(size, 8, true));
    expect_all_samples(bytes);
  }
}

TEST_F(OpenLengths, AreNotSeenInWavFilesWithoutSamplesThatGoOn) {
  testing::write_sound(path_, {}, {});
  std::string bytes = read_bytes(path_);
  ASSERT_EQ(bytes.size(), 44U);
  bytes += "LIST" + number(4, 4, false) + "INFO";
  bytes.replace(4, 4, number(bytes.size() - 8, 4, false));
  write_bytes(path_, bytes);
  AudioFile file(path_);
  EXPECT_EQ(file.frame_count(), 0);
}

TEST_F(OpenLengths, MayBeFollowedByOtherChunksWhenTheyAreKnown) {
  std::string bytes = make(SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  bytes += "LIST" + number(4, 4, false) + "INFO";
  expect_all_samples(bytes);
}

TEST_F(OpenLengths, ThatAreNotUsualAreTold) {
  std::string bytes = make(SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  bytes.replace(40, 4, number(1500000000, 4, false));
  write_bytes(path_, bytes);
  EXPECT_THAT(AudioFile(path_).notes(), ElementsAre(HasSubstr("announces 750000000 samples")));
  bytes.replace(40, 4, number(0x7FFF0000, 4, false));
  write_bytes(path_, bytes);
  EXPECT_THAT(AudioFile(path_).notes(), IsEmpty());
}

TEST_F(OpenLengths, ShorterThanTheFileAreTold) {
  std::string bytes = make(SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  bytes.replace(40, 4, number(1000, 4, false));
  write_bytes(path_, bytes);
  AudioFile file(path_);
  EXPECT_EQ(file.frame_count(), 500);
  EXPECT_THAT(file.notes(),
              ElementsAre("its header announces 500 samples; the 5000 bytes behind them are not "
                          "read"));
}

class OptionalChunks : public OpenLengths {};

TEST_F(OptionalChunks, ArePassedOverReadableOrNot) {
  const std::string bytes = make(SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  const auto with = [&](const std::string& chunk) {
    return bytes.substr(0, 36) + chunk + bytes.substr(36);
  };
  for (const std::string& chunk :
       {"PEAK" + number(4, 4, false) + "oops", "PEAK" + number(0, 4, false),
        "LIST" + number(4, 4, false) + "INFO", "LIST" + number(6, 4, false) + "INFO\x01\x02",
        "fact" + number(2, 4, false) + "xx", "bext" + number(3, 4, false) + "abc",
        "cue " + number(8, 4, false) + std::string(8, '\xFF'),
        "smpl" + number(8, 4, false) + std::string(8, '\xFF'),
        "LIST" + number(0xFFFFFFFF, 4, false) + "INFO", "LIST" + number(777, 4, false) + "INFO",
        "PEAK" + number(0x7FFFFFFF, 4, false) + "????"}) {
    SCOPED_TRACE(chunk);
    expect_all_samples(with(chunk));
  }
}

TEST_F(OptionalChunks, OfAiffFilesArePassedOverReadableOrNot) {
  const std::string bytes = make(SF_FORMAT_AIFF | SF_FORMAT_PCM_16);
  for (const std::string& chunk :
       {"PEAK" + number(4, 4, true) + "oops", "MARK" + number(2, 4, true) + "\xFF\xFF",
        "COMT" + number(0xFFFFFFFF, 4, true) + "abcd"}) {
    SCOPED_TRACE(chunk);
    const std::size_t sound = bytes.find("SSND");
    expect_all_samples(bytes.substr(0, sound) + chunk + bytes.substr(sound));
  }
}

}  // namespace
}  // namespace harpy

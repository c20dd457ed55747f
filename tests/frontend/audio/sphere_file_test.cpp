// Files in the form of the corpora of NIST and the LDC.
#include "frontend/audio/sphere_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/pcm.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::read_all;
using ::testing::SizeIs;
using testing::write_bytes;

constexpr std::size_t kSphereFrames = 4000;

class SphereFiles : public ::testing::Test {
 protected:
  static std::string header(const std::string& fields, std::size_t size = 1024) {
    std::string text = "NIST_1A\n" + std::string(size < 10000 ? "   " : "  ") +
                       std::to_string(size) + "\n" + fields + "end_head\n";
    text.resize(size, ' ');
    return text;
  }
  static std::string usual_fields(const std::string& rest) {
    return "database_id -s5 TIMIT\nchannel_count -i 1\nsample_count -i " +
           std::to_string(kSphereFrames) + "\nsample_rate -i 16000\n" + rest;
  }
  static std::string samples(PcmCoding coding, bool big_endian = false) {
    const auto bytes = encode_pcm(coding, testing::glide(kSphereFrames));
    std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (big_endian) {
      for (std::size_t i = 0; i + 1 < text.size(); i += 2) std::swap(text[i], text[i + 1]);
    }
    return text;
  }

  void expect_samples(const std::string& bytes, const std::string& format, double tolerance) {
    write_bytes(path_, bytes);
    AudioFile file(path_);
    EXPECT_EQ(file.format(), format);
    EXPECT_EQ(file.sample_rate_hz(), 16000);
    testing::expect_near(read_all(file), testing::glide(kSphereFrames), tolerance);
    EXPECT_THAT(file.notes(), IsEmpty());
  }

  std::string error_of(const std::string& bytes) {
    write_bytes(path_, bytes);
    return testing::error_of([&] { AudioFile file(path_); });
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "a.sph";
};

TEST_F(SphereFiles, OfPcmAreReadInBothByteOrders) {
  for (const bool big_endian : {false, true}) {
    const std::string fields = usual_fields(
        std::string("sample_n_bytes -i 2\nsample_coding -s3 pcm\nsample_byte_format -s2 ") +
        (big_endian ? "10" : "01") + "\n");
    expect_samples(header(fields) + samples(PcmCoding::kS16, big_endian), "SPHERE, 16-bit PCM",
                   1.0 / 32767);
  }
}

TEST_F(SphereFiles, OfMuLawAndALawAreRead) {
  expect_samples(header(usual_fields("sample_n_bytes -i 1\nsample_coding -s4 ulaw\n")) +
                     samples(PcmCoding::kMuLaw),
                 "SPHERE, mu-law", 0.04);
  expect_samples(header(usual_fields("sample_n_bytes -i 1\nsample_coding -s4 alaw\n")) +
                     samples(PcmCoding::kALaw),
                 "SPHERE, A-law", 0.04);
}

TEST_F(SphereFiles, MayLeaveOutWhatGoesWithoutSaying) {
  expect_samples(header("sample_rate -i 16000\n") + samples(PcmCoding::kS16), "SPHERE, 16-bit PCM",
                 1.0 / 32767);
}

TEST_F(SphereFiles, MayHaveALongHeader) {
  expect_samples(header(usual_fields("sample_n_bytes -i 2\n"), 20480) + samples(PcmCoding::kS16),
                 "SPHERE, 16-bit PCM", 1.0 / 32767);
}

TEST_F(SphereFiles, KeepChannelsApart) {
  write_bytes(path_, header("sample_rate -i 8000\nchannel_count -i 2\nsample_count -i 2000\n"
                            "sample_n_bytes -i 2\nsample_byte_format -s2 01\n") +
                         samples(PcmCoding::kS16));
  AudioFile file(path_);
  EXPECT_EQ(file.channel_count(), 2);
  EXPECT_EQ(file.frame_count(), 2000);
  EXPECT_THAT(read_all(file), SizeIs(kSphereFrames));
}

TEST_F(SphereFiles, CutOffAreReadToTheirEndWithAWord) {
  const std::string bytes =
      header(usual_fields("sample_n_bytes -i 2\n")) + samples(PcmCoding::kS16);
  write_bytes(path_, bytes.substr(0, bytes.size() - 200));
  AudioFile file(path_);
  EXPECT_THAT(read_all(file), SizeIs(kSphereFrames - 100));
  EXPECT_THAT(file.notes(), ElementsAre(HasSubstr("announces 4000 samples, the 3900 that")));
  for (std::size_t length = 8; length < 1024; length += 37) {
    EXPECT_THAT(error_of(bytes.substr(0, length)), HasSubstr(path_.string() + ": ")) << length;
  }
}

TEST_F(SphereFiles, CompressedByShortenAreNamed) {
  EXPECT_THAT(error_of(header(usual_fields("sample_n_bytes -i 2\n"
                                           "sample_coding -s26 pcm,embedded-shorten-v2.00\n")) +
                       "ajkg"),
              AllOf(HasSubstr("is a SPHERE file compressed by shorten, which is not supported"),
                    HasSubstr("ffmpeg -i " + path_.string() + " " +
                              (directory_.path() / "a.wav").string())));
}

TEST_F(SphereFiles, CompressedByShortenAreSeenThoughTheHeaderIsSilent) {
  EXPECT_THAT(error_of(header(usual_fields("sample_n_bytes -i 2\n")) + "ajkg\x02 compressed"),
              HasSubstr("compressed by shorten"));
}

TEST_F(SphereFiles, WithAHeaderThatCannotBeUsedAreAnErrorThatNamesTheField) {
  EXPECT_THAT(error_of(header("sample_n_bytes -i 2\n") + samples(PcmCoding::kS16)),
              HasSubstr("has no sample_rate"));
  EXPECT_THAT(error_of(header("sample_rate -i many\n") + samples(PcmCoding::kS16)),
              HasSubstr("has no sample_rate"));
  EXPECT_THAT(error_of(header(usual_fields("sample_n_bytes -i 2\nsample_byte_format -s2 xx\n"))),
              HasSubstr("sample_byte_format xx"));
  EXPECT_THAT(error_of("NIST_1A\n  lots\nend_head\n"), HasSubstr("has no length"));
}

}  // namespace
}  // namespace harpy

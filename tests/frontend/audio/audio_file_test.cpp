#include "frontend/audio/audio_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/frontend/test_audio.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using testing::error_of;
using ::testing::Ge;
using ::testing::HasSubstr;
using ::testing::Le;
using testing::read_all;
using testing::read_bytes;
using ::testing::SizeIs;
using ::testing::StartsWith;
using testing::TemporaryDirectory;
using testing::write_bytes;
using testing::write_sound;

std::string error_of_reading(const std::filesystem::path& path) {
  return error_of([&] {
    AudioFile file(path);
    read_all(file);
  });
}

struct Coding {
  int code;
  std::string description;
  double tolerance;  ///< of a sample; negative: the sound is kept, not the samples
};

/// A container with all that may be in it.
struct Container {
  std::string name;
  std::vector<Coding> codings;
  bool holds_plain_samples = false;
};

void PrintTo(const Container& container, std::ostream* stream) { *stream << container.name; }

constexpr double kStep8 = 1.0 / 127;
constexpr double kStep16 = 1.0 / 32767;
constexpr double kStep24 = 2e-7;

Container pcm_container(const std::string& name, int code, const std::string& description) {
  const std::vector<Coding> codings{{SF_FORMAT_PCM_S8, "8-bit PCM", kStep8},
                                    {SF_FORMAT_PCM_U8, "8-bit PCM", kStep8},
                                    {SF_FORMAT_PCM_16, "16-bit PCM", kStep16},
                                    {SF_FORMAT_PCM_24, "24-bit PCM", kStep24},
                                    {SF_FORMAT_PCM_32, "32-bit PCM", 1e-7},
                                    {SF_FORMAT_FLOAT, "32-bit float", 0.0},
                                    {SF_FORMAT_DOUBLE, "64-bit float", 0.0},
                                    {SF_FORMAT_ULAW, "mu-law", 0.04},
                                    {SF_FORMAT_ALAW, "A-law", 0.04}};
  Container container{.name = name, .codings = {}, .holds_plain_samples = true};
  for (const int endian : {SF_ENDIAN_FILE, SF_ENDIAN_LITTLE, SF_ENDIAN_BIG}) {
    for (const Coding& coding : codings) {
      SF_INFO info{};
      info.samplerate = 16000;
      info.channels = 1;
      info.format = code | coding.code | endian;
      if (sf_format_check(&info) == 0) continue;
      container.codings.push_back(
          {info.format, description + ", " + coding.description, coding.tolerance});
    }
  }
  return container;
}

std::vector<Container> all_containers() {
  return {pcm_container("Wav", SF_FORMAT_WAV, "WAV"),
          pcm_container("Wavex", SF_FORMAT_WAVEX, "WAV"),
          pcm_container("W64", SF_FORMAT_W64, "W64"),
          pcm_container("Rf64", SF_FORMAT_RF64, "RF64"),
          pcm_container("Aiff", SF_FORMAT_AIFF, "AIFF"),
          pcm_container("Au", SF_FORMAT_AU, "AU"),
          pcm_container("Caf", SF_FORMAT_CAF, "CAF"),
          {"Flac",
           {{SF_FORMAT_FLAC | SF_FORMAT_PCM_S8, "FLAC, 8-bit", kStep8},
            {SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "FLAC, 16-bit", kStep16},
            {SF_FORMAT_FLAC | SF_FORMAT_PCM_24, "FLAC, 24-bit", kStep24}}},
          {"OggVorbis", {{SF_FORMAT_OGG | SF_FORMAT_VORBIS, "Ogg Vorbis", -1.0}}},
          {"OggOpus", {{SF_FORMAT_OGG | SF_FORMAT_OPUS, "Ogg Opus", -1.0}}},
          {"Mp3", {{SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, "MP3", -1.0}}}};
}

class AudioFormats : public ::testing::TestWithParam<Container> {
 protected:
  std::filesystem::path path() const { return directory_.path() / "sound.audio"; }

 private:
  TemporaryDirectory directory_;
};

TEST_P(AudioFormats, AreReadAsTheyWereWritten) {
  auto samples = testing::glide(16000);
  for (float& sample : samples) sample *= 0.5F;
  for (const Coding& coding : GetParam().codings) {
    SCOPED_TRACE(coding.description);
    write_sound(path(), {.code = coding.code}, samples);
    AudioFile file(path());
    EXPECT_EQ(file.sample_rate_hz(), 16000);
    EXPECT_EQ(file.channel_count(), 1);
    EXPECT_EQ(file.format(), coding.description);
    EXPECT_EQ(file.name(), path().string());
    EXPECT_EQ(file.frame_count().value_or(16000), 16000);
    const auto read = read_all(file);
    ASSERT_EQ(read.size(), samples.size());
    EXPECT_TRUE(file.read(10).empty());
    if (coding.tolerance >= 0.0) {
      testing::expect_near(read, samples, coding.tolerance);
      continue;
    }
    double energy = 0.0;
    double product = 0.0;
    for (std::size_t i = 0; i < samples.size(); ++i) {
      energy += double{samples[i]} * samples[i];
      product += double{samples[i]} * read[i];
    }
    EXPECT_GT(product, 0.3 * energy);
  }
}

TEST_P(AudioFormats, KeepChannelsApart) {
  std::vector<float> samples(2 * 48000);
  for (std::size_t i = 0; i < samples.size(); i += 2) {
    samples[i] = static_cast<float>(0.5 * std::sin(0.05 * static_cast<double>(i)));
  }
  const Coding& coding = GetParam().codings.back();
  write_sound(path(), {.code = coding.code, .sample_rate_hz = 48000, .channel_count = 2}, samples);
  AudioFile file(path());
  EXPECT_EQ(file.sample_rate_hz(), 48000);
  ASSERT_EQ(file.channel_count(), 2);
  const auto read = read_all(file);
  ASSERT_EQ(read.size(), samples.size());
  double energies[2] = {};
  for (std::size_t i = 0; i < read.size(); ++i) energies[i % 2] += double{read[i]} * read[i];
  EXPECT_NEAR(energies[0] / 48000.0, 0.125, 0.01);
  EXPECT_LT(energies[1] / 48000.0, 0.001);
}

TEST_P(AudioFormats, OfOneSampleAreRead) {
  for (const Coding& coding : GetParam().codings) {
    SCOPED_TRACE(coding.description);
    write_sound(path(), {.code = coding.code}, std::vector<float>{0.25F});
    AudioFile file(path());
    const auto read = read_all(file);
    if (coding.tolerance < 0.0) continue;  // so short a sound is not kept
    // libsndfile takes the byte that fills an odd AIFF file up for a sample.
    ASSERT_THAT(read, SizeIs(AllOf(Ge(1U), Le(GetParam().name == "Aiff" ? 2U : 1U))));
    EXPECT_NEAR(read[0], 0.25, coding.tolerance);
  }
}

/// What a file that was cut off gives: its error, or how many samples and what is said of it.
struct CutFile {
  std::string error;
  std::size_t sample_count = 0;
  std::vector<std::string> notes;
};

CutFile read_cut(const std::filesystem::path& path) {
  CutFile cut;
  cut.error = error_of([&] {
    AudioFile file(path);
    cut.sample_count = read_all(file).size();
    cut.notes = file.notes();
  });
  return cut;
}

TEST_P(AudioFormats, CutOffAreRefusedOrReadToTheirEndWithAWord) {
  const auto samples = testing::glide(8000);
  std::mt19937 random(9);
  for (const Coding& coding : GetParam().codings) {
    SCOPED_TRACE(coding.description);
    write_sound(path(), {.code = coding.code}, samples);
    const std::string bytes = read_bytes(path());
    for (const std::size_t percent : {99U, 80U, 50U}) {
      const std::size_t size = bytes.size() * percent / 100;
      write_bytes(path(), bytes.substr(0, size));
      const CutFile cut = read_cut(path());
      if (GetParam().holds_plain_samples) {
        EXPECT_EQ(cut.error, "no error");
        const std::size_t sample_bytes = bytes.size() / samples.size();
        const std::size_t missing = (bytes.size() - size) / sample_bytes;
        EXPECT_NEAR(static_cast<double>(cut.sample_count),
                    static_cast<double>(samples.size() - missing), 100.0);
        EXPECT_THAT(cut.notes, ElementsAre(StartsWith("is cut off")));
      } else {
        EXPECT_THAT(cut.error, StartsWith(path().string() + ": is truncated"));
      }
    }
    for (std::size_t length = 1; length < 200; length += 1 + random() % 4) {
      write_bytes(path(), bytes.substr(0, length));
      const CutFile cut = read_cut(path());
      if (cut.error == "no error") {
        EXPECT_THAT(cut.notes, ElementsAre(StartsWith("is cut off"))) << length;
      } else {
        EXPECT_THAT(cut.error, StartsWith(path().string() + ": ")) << length;
      }
    }
  }
}

TEST_P(AudioFormats, DamagedGiveAnErrorOrSound) {
  const auto samples = testing::glide(3000);
  std::mt19937 random(3);
  for (const Coding& coding : GetParam().codings) {
    write_sound(path(), {.code = coding.code}, samples);
    const std::string bytes = read_bytes(path());
    for (int trial = 0; trial < 30; ++trial) {
      std::string damaged = bytes;
      const std::size_t range = std::min<std::size_t>(bytes.size(), trial % 2 == 0 ? 120 : 100000);
      for (int i = 0; i < 8; ++i) damaged[random() % range] = static_cast<char>(random());
      write_bytes(path(), damaged);
      const std::string error = error_of_reading(path());
      EXPECT_TRUE(error == "no error" || error.starts_with(path().string() + ": ")) << error;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(All, AudioFormats, ::testing::ValuesIn(all_containers()),
                         [](const auto& test) { return test.param.name; });

TEST(AudioFile, ReadsEveryFormatThatItsListPromises) {
  std::set<std::string> tested;
  for (const Container& container : all_containers()) {
    for (const Coding& coding : container.codings) tested.insert(coding.description);
  }
  for (const char* container : {"WAV", "W64", "RF64", "AIFF", "AU", "CAF"}) {
    for (const char* coding : {"8-bit PCM", "16-bit PCM", "24-bit PCM", "32-bit PCM",
                               "32-bit float", "64-bit float", "mu-law", "A-law"}) {
      EXPECT_THAT(tested, ::testing::Contains(std::string(container) + ", " + coding));
    }
  }
  for (const char* format : {"FLAC, 16-bit", "FLAC, 24-bit", "Ogg Vorbis", "Ogg Opus", "MP3"}) {
    EXPECT_THAT(tested, ::testing::Contains(format));
  }
}

TEST(AudioFile, ReadsRatesFromFourToAHundredAndNinetyTwoKilohertzAndEightChannels) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.audio";
  for (const int code : {SF_FORMAT_WAV | SF_FORMAT_FLOAT, SF_FORMAT_W64 | SF_FORMAT_PCM_16,
                         SF_FORMAT_RF64 | SF_FORMAT_PCM_24, SF_FORMAT_AIFF | SF_FORMAT_PCM_16,
                         SF_FORMAT_AU | SF_FORMAT_ULAW, SF_FORMAT_CAF | SF_FORMAT_ALAW,
                         SF_FORMAT_FLAC | SF_FORMAT_PCM_16}) {
    for (const int rate_hz : {4000, 8000, 11025, 22050, 44100, 48000, 96000, 192000}) {
      for (const int channels : {1, 3, 8}) {
        const auto samples = testing::glide(static_cast<std::size_t>(channels) * 500);
        write_sound(path, {.code = code, .sample_rate_hz = rate_hz, .channel_count = channels},
                    samples);
        AudioFile file(path);
        EXPECT_EQ(file.sample_rate_hz(), rate_hz);
        EXPECT_EQ(file.channel_count(), channels);
        testing::expect_near(read_all(file), samples, 0.04);
      }
    }
  }
}

TEST(AudioFile, CutOffIsReadToItsEndAndTellsHowManySamplesAreMissing) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "cut.wav";
  const auto samples = testing::glide(2000);
  write_sound(path, {.channel_count = 2}, samples);
  write_bytes(path, read_bytes(path).substr(0, 44 + 4 * 300 + 1));
  AudioFile file(path);
  EXPECT_EQ(file.frame_count(), 300);
  testing::expect_near(read_all(file), std::span(samples).first(600), 1.0 / 32767);
  EXPECT_THAT(file.notes(), ElementsAre("is cut off, or its length was never filled in: its header "
                                        "announces 1000 samples, the 300 that it holds are read"));
}

TEST(AudioFile, NamesFilesThatAreNotThereOrNoFiles) {
  const TemporaryDirectory directory;
  const auto missing = directory.path() / "missing.wav";
  EXPECT_EQ(error_of_reading(missing), missing.string() + ": no such file");
  EXPECT_EQ(error_of_reading(directory.path()),
            directory.path().string() + ": is a folder, not a file");
  EXPECT_EQ(error_of_reading("/dev/null"), "/dev/null: is not a regular file");
}

TEST(AudioFile, NamesFilesThatAreEmptyOrText) {
  const TemporaryDirectory directory;
  const auto empty = directory.path() / "empty.wav";
  write_bytes(empty, "");
  EXPECT_EQ(error_of_reading(empty), empty.string() + ": is empty");
  for (const char* name :
       {"text.wav", "text.mp3", "text.flac", "text.ogg", "text.raw", "text.gsm"}) {
    const auto text = directory.path() / name;
    write_bytes(text, std::string(50, 'a') + "\nthis is no sound at all\n");
    EXPECT_EQ(error_of_reading(text), text.string() + ": is not an audio file of a known format");
  }
}

TEST(AudioFile, RefusesWhatIsNotOnItsList) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.wav";
  for (const int code : {SF_FORMAT_W64 | SF_FORMAT_IMA_ADPCM, SF_FORMAT_AIFF | SF_FORMAT_IMA_ADPCM,
                         SF_FORMAT_AU | SF_FORMAT_G721_32, SF_FORMAT_CAF | SF_FORMAT_ALAC_16,
                         SF_FORMAT_VOC | SF_FORMAT_PCM_16, SF_FORMAT_MAT5 | SF_FORMAT_PCM_16,
                         SF_FORMAT_PAF | SF_FORMAT_PCM_16}) {
    write_sound(path, {.code = code}, testing::glide(4000));
    EXPECT_THAT(error_of_reading(path),
                AllOf(HasSubstr("is not supported"), HasSubstr("convert it with: ffmpeg -i ")))
        << std::hex << code;
  }
}

TEST(AudioFile, ReadsTelephoneCodingsInWav) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.wav";
  const auto samples = testing::glide(8000);
  for (const auto& [code, name, tolerance] :
       {std::tuple{SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM, "WAV, IMA ADPCM", 0.2},
        {SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM, "WAV, MS ADPCM", 0.35},
        {SF_FORMAT_WAV | SF_FORMAT_GSM610, "WAV, GSM 6.10", 1.5}}) {
    SCOPED_TRACE(name);
    write_sound(path, {.code = code, .sample_rate_hz = 8000}, samples);
    const std::string bytes = read_bytes(path);
    AudioFile file(path);
    EXPECT_EQ(file.format(), name);
    const auto read = read_all(file);
    // Such files end with a whole block.
    ASSERT_GE(read.size(), samples.size());
    EXPECT_LT(read.size(), samples.size() + 2100);
    testing::expect_near(std::span(read).first(samples.size()), samples, tolerance);
    const std::size_t size_offset = bytes.find("data") + 4;
    std::string open = bytes;
    open.replace(size_offset, 4, "\xFF\xFF\xFF\xFF");
    write_bytes(path, open);
    AudioFile from_pipe(path);
    EXPECT_EQ(read_all(from_pipe).size(), read.size());
    write_bytes(path, bytes.substr(0, bytes.size() / 2));
    AudioFile half(path);
    EXPECT_GT(read_all(half).size(), samples.size() / 3);
    EXPECT_THAT(half.notes(), ElementsAre(HasSubstr("is cut off")));
  }
}

TEST(AudioFile, NamesMpegAudioOfOtherLayers) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.mp2";
  for (const auto& [header, layer] :
       {std::pair{"\xFF\xFD\x84\x04", "2"}, {"\xFF\xFF\x84\x04", "1"}}) {
    write_bytes(path, header + std::string(3000, 'x'));
    EXPECT_THAT(error_of_reading(path), AllOf(HasSubstr(std::string("is MPEG audio of layer ") +
                                                        layer + ", which is not supported"),
                                              HasSubstr("ffmpeg -i " + path.string())));
  }
}

TEST(AudioFile, RefusesRatesAndChannelCountsOutOfRange) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.wav";
  for (const int rate : {1000, 3999, 192001, 400000}) {
    write_sound(path, {.sample_rate_hz = rate}, testing::glide(100));
    EXPECT_EQ(error_of_reading(path), path.string() +
                                          ": expected a sample rate of 4,000 to 192,000 Hz, got " +
                                          std::to_string(rate));
  }
  write_sound(path, {.channel_count = 9}, testing::glide(900));
  EXPECT_EQ(error_of_reading(path), path.string() + ": expected 1 to 8 channels, got 9");
  write_sound(path, {.sample_rate_hz = 192000, .channel_count = 8}, testing::glide(800));
  EXPECT_EQ(error_of_reading(path), "no error");
}

TEST(AudioFile, RefusesValuesThatAreNoSamples) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.wav";
  for (const float bad : {std::nanf(""), std::numeric_limits<float>::infinity(), -1e10F}) {
    auto samples = testing::glide(3000);
    samples[2500] = bad;
    write_sound(path, {.code = SF_FORMAT_WAV | SF_FORMAT_FLOAT}, samples);
    EXPECT_THAT(error_of_reading(path), HasSubstr("at sample 2500"));
  }
}

TEST(AudioFile, ReadsFilesWithoutSamplesAsNothing) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.wav";
  write_sound(path, {}, {});
  AudioFile file(path);
  EXPECT_EQ(file.frame_count(), 0);
  EXPECT_TRUE(file.read(10).empty());
}

TEST(AudioFile, RefusesToReadNothing) {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "sound.wav";
  write_sound(path, {}, testing::glide(10));
  AudioFile file(path);
  EXPECT_THROW(file.read(0), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

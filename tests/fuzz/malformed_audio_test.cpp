// Audio files of every container and coding: one error that names the file, or sound.
#include <cmath>

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/audio_limits.hpp"
#include "tests/frontend/audio/sound_writer.hpp"
#include "tests/fuzz/malformed_files.hpp"

namespace harpy {
namespace {

class MalformedAudio : public testing::MalformedFiles {
 protected:
  std::string sound(int code, int channel_count = 1, std::size_t frame_count = 400) const {
    std::vector<float> samples(frame_count * static_cast<std::size_t>(channel_count));
    for (std::size_t i = 0; i < samples.size(); ++i) {
      samples[i] = 0.5F * std::sin(0.3F * static_cast<float>(i));
    }
    return written([&](const auto& path) {
      testing::write_sound(path, {.code = code, .channel_count = channel_count}, samples);
    });
  }

  void run_audio(const std::vector<std::string>& samples) const {
    run(samples, [](const auto& path) {
      AudioFile file(path);
      MonoReader reader(file);
      // A damaged header may announce hours of silence.
      std::size_t left = 1 << 22;
      for (auto part = reader.read(); !part.empty() && left > part.size(); part = reader.read()) {
        for (const float sample : part) ASSERT_TRUE(is_sample(sample));
        left -= part.size();
      }
      reader.notes();
    });
  }
};

TEST_F(MalformedAudio, OfChunksIsReadOrRefused) {
  std::vector<std::string> samples;
  for (const int code : {SF_FORMAT_WAV, SF_FORMAT_WAVEX, SF_FORMAT_W64, SF_FORMAT_RF64,
                         SF_FORMAT_AIFF, SF_FORMAT_CAF}) {
    samples.push_back(sound(code | SF_FORMAT_PCM_16, 2));
    samples.push_back(sound(code | SF_FORMAT_FLOAT));
  }
  std::string bw64 = sound(SF_FORMAT_RF64 | SF_FORMAT_PCM_16);
  samples.push_back(bw64.replace(0, 4, "BW64"));
  std::string with_list = sound(SF_FORMAT_WAV | SF_FORMAT_PCM_16);
  samples.push_back(with_list.insert(36, std::string("LIST\x05\0\0\0INFOx", 13)));
  run_audio(samples);
}

TEST_F(MalformedAudio, OfTelephoneCodingsIsReadOrRefused) {
  run_audio({sound(SF_FORMAT_WAV | SF_FORMAT_GSM610), sound(SF_FORMAT_WAV | SF_FORMAT_IMA_ADPCM),
             sound(SF_FORMAT_WAV | SF_FORMAT_MS_ADPCM), sound(SF_FORMAT_WAV | SF_FORMAT_ULAW),
             sound(SF_FORMAT_AU | SF_FORMAT_ALAW), sound(SF_FORMAT_AU | SF_FORMAT_PCM_24, 3)});
}

TEST_F(MalformedAudio, OfSphereIsReadOrRefused) {
  std::string header =
      "NIST_1A\n   1024\nsample_count -i 400\nsample_n_bytes -i 2\nchannel_count -i 1\n"
      "sample_byte_format -s2 01\nsample_rate -i 16000\nsample_coding -s3 pcm\nend_head\n";
  header.resize(1024, ' ');
  std::string short_header =
      "NIST_1A\n    256\nsample_rate -i 8000\nsample_n_bytes -i 1\nsample_coding -s4 ulaw\n"
      "channel_count -i 2\nend_head\n";
  short_header.resize(256, ' ');
  run_audio({header + std::string(800, 'x'), short_header + std::string(400, 'x')});
}

TEST_F(MalformedAudio, OfFlacIsReadOrRefused) {
  std::string open = sound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 1, 9000);
  open[21] = static_cast<char>(open[21] & 0xF0);
  open.replace(22, 4, std::string(4, '\0'));
  run_audio({sound(SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 2), sound(SF_FORMAT_FLAC | SF_FORMAT_PCM_24),
             open});
}

TEST_F(MalformedAudio, OfOggIsReadOrRefused) {
  const std::string vorbis = sound(SF_FORMAT_OGG | SF_FORMAT_VORBIS);
  const std::string opus = sound(SF_FORMAT_OGG | SF_FORMAT_OPUS);
  run_audio({vorbis, opus, opus + opus, vorbis + vorbis});
}

TEST_F(MalformedAudio, OfMp3IsReadOrRefused) {
  const std::string mp3 = sound(SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 1, 8000);
  const std::string tag = std::string("ID3\x04\0\x10\0\0\0\x05", 10) + "12345" +
                          std::string("3DI\x04\0\x10\0\0\0\x05", 10);
  const std::string headless = mp3.substr(mp3.find(mp3.substr(0, 2), 100));
  run_audio({mp3, headless, tag + mp3, std::string(300, '\0') + mp3, mp3 + mp3,
             mp3 + "TAG" + std::string(125, ' ')});
}

TEST_F(MalformedAudio, OfOthersIsNamed) {
  for (const std::string& beginning :
       {std::string("\x1A\x45\xDF\xA3webm"),
        std::string("\0\0\0\x20"
                    "ftypM4A ",
                    12),
        std::string("\xFF\xF1\x50\x80\x02\x1F\xFC", 7), std::string("#!AMR\n"),
        std::string("\x30\x26\xB2\x75\x8E\x66\xCF\x11")}) {
    std::ofstream(path_, std::ios::binary) << beginning + std::string(100, 'x');
    EXPECT_THROW(AudioFile file(path_), std::runtime_error);
    std::filesystem::remove(path_);
  }
}

}  // namespace
}  // namespace harpy

#pragma once

#include <gtest/gtest.h>
#include <sndfile.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "frontend/audio/audio_source.hpp"

namespace harpy::testing {

struct SoundFormat {
  int code = SF_FORMAT_WAV | SF_FORMAT_PCM_16;  ///< container and coding of libsndfile
  int sample_rate_hz = 16000;
  int channel_count = 1;
};

/// Writes an audio file of interleaved samples.
inline void write_sound(const std::filesystem::path& path, const SoundFormat& format,
                        std::span<const float> samples) {
  SF_INFO info{};
  info.samplerate = format.sample_rate_hz;
  info.channels = format.channel_count;
  info.format = format.code;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &info);
  ASSERT_NE(file, nullptr) << sf_strerror(nullptr);
  const auto count = static_cast<sf_count_t>(samples.size());
  ASSERT_EQ(sf_write_float(file, samples.data(), count), count);
  ASSERT_EQ(sf_close(file), 0);
}

inline std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// Replaces a file. (Overwriting one would wait for the disk on some file systems.)
inline void write_bytes(const std::filesystem::path& path, const std::string& bytes) {
  std::filesystem::remove(path);
  std::ofstream(path, std::ios::binary) << bytes;
}

/// Everything that a source has, interleaved.
inline std::vector<float> read_all(AudioSource& source, std::int64_t piece = 1000) {
  std::vector<float> all;
  for (auto part = source.read(piece); !part.empty(); part = source.read(piece)) {
    all.insert(all.end(), part.begin(), part.end());
  }
  return all;
}

/// What an action says when it throws a std::runtime_error.
template <typename Action>
std::string error_of(const Action& action) {
  try {
    action();
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "no error";
}

}  // namespace harpy::testing

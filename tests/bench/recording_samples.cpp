#include "tests/bench/recording_samples.hpp"

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/read_resampled.hpp"

namespace harpy::bench {

std::vector<float> recording_samples(const std::filesystem::path& path, double rate_hz) {
  AudioFile file(path);
  return read_resampled(file, rate_hz);
}

}  // namespace harpy::bench

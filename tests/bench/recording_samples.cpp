#include "tests/bench/recording_samples.hpp"

#include "frontend/audio/audio_file.hpp"
#include "frontend/audio/resampler.hpp"

namespace harpy::bench {

std::vector<float> recording_samples(const std::filesystem::path& path, double rate_hz) {
  AudioFile file(path);
  MonoReader reader(file);
  Resampler resampler(file.sample_rate_hz(), rate_hz);
  std::vector<float> samples;
  for (auto read = reader.read(); !read.empty(); read = reader.read()) {
    resampler.process(read, samples);
  }
  resampler.finish(samples);
  return samples;
}

}  // namespace harpy::bench

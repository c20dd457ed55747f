#include "frontend/audio/read_resampled.hpp"

#include "frontend/audio/resampler.hpp"

namespace harpy {

std::vector<float> read_resampled(AudioSource& source, double rate_hz, double start_s,
                                  std::optional<double> end_s, ChannelSelection channels) {
  MonoReader reader(source, start_s, end_s, channels);
  Resampler resampler(source.sample_rate_hz(), rate_hz);
  std::vector<float> resampled;
  for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
    resampler.process(samples, resampled);
  }
  resampler.finish(resampled);
  return resampled;
}

}  // namespace harpy

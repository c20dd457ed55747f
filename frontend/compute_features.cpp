#include "frontend/compute_features.hpp"

#include "frontend/audio/resampler.hpp"
#include "frontend/feature_pipeline.hpp"

namespace harpy {
namespace {

std::vector<float> finish(FeaturePipeline& pipeline) {
  pipeline.finish();
  const std::span<const float> rows = pipeline.take(pipeline.frames_ready());
  return {rows.begin(), rows.end()};
}

}  // namespace

std::vector<float> compute_features(const FeatureExtractor& extractor,
                                    std::span<const float> samples) {
  FeaturePipeline pipeline(extractor);
  pipeline.accept(samples);
  return finish(pipeline);
}

std::vector<float> compute_features(const FeatureExtractor& extractor, AudioSource& source,
                                    double start_s, std::optional<double> end_s,
                                    ChannelSelection channels, double speed) {
  FeaturePipeline pipeline(extractor);
  MonoReader reader(source, start_s, end_s, channels);
  Resampler resampler(speed * source.sample_rate_hz(), extractor.sample_rate_hz());
  std::vector<float> resampled;
  const auto pass_on = [&] {
    pipeline.accept(resampled);
    resampled.clear();
  };
  for (auto samples = reader.read(); !samples.empty(); samples = reader.read()) {
    resampler.process(samples, resampled);
    pass_on();
  }
  resampler.finish(resampled);
  pass_on();
  return finish(pipeline);
}

}  // namespace harpy

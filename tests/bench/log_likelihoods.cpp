#include "tests/bench/log_likelihoods.hpp"

#include "acoustic/acoustic_batch.hpp"
#include "frontend/audio_file.hpp"
#include "frontend/feature_stream.hpp"
#include "frontend/resampler.hpp"

namespace harpy::bench {
namespace {

std::vector<float> read_samples(const std::filesystem::path& path, double rate_hz) {
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

}  // namespace

std::vector<float> log_likelihoods(const ModelPackage& model, Backend& backend,
                                   const std::filesystem::path& path) {
  FeatureStream features(model.features());
  features.accept(read_samples(path, model.features()->sample_rate_hz()));
  features.finish();
  AcousticBatch network(model.acoustic_grid(), backend, {.output_offsets = model.output_offsets()});
  AcousticStream acoustic(model.acoustic_grid(), backend);
  AcousticStream* const stream = &acoustic;
  acoustic.accept(features.take(features.frames_ready()));
  acoustic.finish();
  std::vector<float> values;
  while (acoustic.blocks_ready() > 0) {
    const std::vector<float> block = backend.to_host(network.advance({&stream, 1})[0]);
    values.insert(values.end(), block.begin(), block.end());
  }
  return values;
}

}  // namespace harpy::bench

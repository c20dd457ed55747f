#include "tests/bench/log_likelihoods.hpp"

#include "acoustic/acoustic_batch.hpp"
#include "frontend/feature_stream.hpp"
#include "tests/bench/recording_samples.hpp"

namespace harpy::bench {
std::vector<float> log_likelihoods(const ModelPackage& model, Backend& backend,
                                   const std::filesystem::path& path) {
  FeatureStream features(model.features());
  features.accept(recording_samples(path, model.features()->sample_rate_hz()));
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

// The grid law from samples to log-likelihoods: any cutting gives the same bits.
#include <cmath>
#include <cstring>
#include <random>

#include <gtest/gtest.h>

#include "acoustic/acoustic_batch.hpp"
#include "frontend/audio/resampler.hpp"
#include "frontend/feature_stream.hpp"
#include "service/recognizer/model_package.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tests/support/tiny_model.hpp"

namespace harpy {
namespace {

std::vector<float> chirp(double rate_hz, double seconds) {
  std::vector<float> samples(static_cast<std::size_t>(rate_hz * seconds));
  for (std::size_t index = 0; index < samples.size(); ++index) {
    const double time_s = static_cast<double>(index) / rate_hz;
    samples[index] =
        static_cast<float>(0.5 * std::sin(2.0 * M_PI * (100.0 + 400.0 * time_s) * time_s));
  }
  return samples;
}

/// Log-likelihoods of samples that arrive in pieces of the sizes that `next_size` gives.
std::vector<float> log_likelihoods(const ModelPackage& model, double rate_hz,
                                   std::span<const float> samples,
                                   const std::function<std::size_t()>& next_size) {
  const auto backend = create_backend({});
  Resampler resampler(rate_hz, model.features()->sample_rate_hz());
  FeatureStream features(model.features());
  AcousticBatch network(model.acoustic_grid(), *backend);
  AcousticStream acoustic(model.acoustic_grid(), *backend);
  AcousticStream* const stream = &acoustic;
  std::vector<float> result;
  const auto collect = [&] {
    while (features.frames_ready() > 0) acoustic.accept(features.take(7));
    while (acoustic.blocks_ready() > 0) {
      const std::vector<float> rows = backend->to_host(network.advance({&stream, 1})[0]);
      result.insert(result.end(), rows.begin(), rows.end());
    }
  };
  std::vector<float> resampled;
  while (!samples.empty()) {
    const std::size_t size = std::min(samples.size(), next_size());
    resampled.clear();
    resampler.process(samples.first(size), resampled);
    features.accept(resampled);
    samples = samples.subspan(size);
    collect();
  }
  resampled.clear();
  resampler.finish(resampled);
  features.accept(resampled);
  features.finish();
  while (features.frames_ready() > 0) acoustic.accept(features.take(7));
  acoustic.finish();
  collect();
  return result;
}

TEST(GridLaw, LogLikelihoodsHaveTheSameBitsForAnyCutting) {
  const harpy::testing::TemporaryDirectory directory;
  harpy::testing::write_tiny_model(directory.path());
  const auto backend = create_backend({});
  const auto model = ModelPackage::load(*backend, directory.path());
  for (const double rate_hz : {16000.0, 8000.0, 48000.0}) {
    const std::vector<float> samples = chirp(rate_hz, 4.0);
    const std::vector<float> whole =
        log_likelihoods(*model, rate_hz, samples, [&] { return samples.size(); });
    ASSERT_GT(whole.size(), 100U * 4U);
    for (unsigned seed = 0; seed < 6; ++seed) {
      std::mt19937 random(seed);
      const std::size_t largest = seed == 0 ? 160 : 30000;
      const std::vector<float> pieces =
          log_likelihoods(*model, rate_hz, samples, [&] { return 1 + random() % largest; });
      ASSERT_EQ(pieces.size(), whole.size());
      EXPECT_EQ(std::memcmp(pieces.data(), whole.data(), whole.size() * sizeof(float)), 0)
          << rate_hz << " Hz, seed " << seed;
    }
  }
}

}  // namespace
}  // namespace harpy

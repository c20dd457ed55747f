#include "frontend/ivector/online_mean.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <random>
#include <stdexcept>

#include "frontend/compute_features.hpp"
#include "frontend/feature_stream.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

constexpr std::size_t kMeanDim = 3;

/// Frame t less its mean, by definition.
std::vector<float> definition(std::span<const float> frames, std::size_t t,
                              const std::vector<double>& training_means,
                              const OnlineMean::Window& window) {
  const std::size_t dim = training_means.size();
  const auto longest = static_cast<std::size_t>(window.frames);
  const std::size_t begin = t + 1 > longest ? t + 1 - longest : 0;
  const auto count = static_cast<double>(t + 1 - begin);
  const double prior =
      std::min(static_cast<double>(longest) - count, static_cast<double>(window.prior_frames));
  std::vector<float> normalized;
  for (std::size_t d = 0; d < dim; ++d) {
    double sum = prior * training_means[d];
    for (std::size_t u = begin; u <= t; ++u) sum += frames[u * dim + d];
    normalized.push_back(static_cast<float>(frames[t * dim + d] - sum / (count + prior)));
  }
  return normalized;
}

TEST(OnlineMean, EqualsItsDefinition) {
  std::mt19937 random(5);
  std::uniform_real_distribution<float> value(-4.0F, 4.0F);
  const std::vector<double> means{1.5, -3.0, 0.25};
  for (const OnlineMean::Window window :
       {OnlineMean::Window{.frames = 9, .prior_frames = 4}, OnlineMean::Window{1, 0},
        OnlineMean::Window{.frames = 5, .prior_frames = 200}}) {
    OnlineMean mean(means, window);
    std::vector<float> frames;
    std::vector<float> normalized(kMeanDim);
    for (std::size_t t = 0; t < 40; ++t) {
      for (std::size_t d = 0; d < kMeanDim; ++d) frames.push_back(value(random));
      mean.subtract(std::span(frames).last(kMeanDim), normalized);
      const std::vector<float> expected = definition(frames, t, means, window);
      for (std::size_t d = 0; d < kMeanDim; ++d) ASSERT_NEAR(normalized[d], expected[d], 1e-5) << t;
    }
  }
}

TEST(OnlineMean, NormalisesTheFeaturesOfAStreamHoweverItIsCut) {
  FeatureOptions options{.kind = FeatureKind::kMfcc, .cepstrum_count = 4};
  const auto samples = testing::glide(16000 * 2);
  const std::vector<float> plain = compute_features(FeatureExtractor(options), samples);
  options.normalization = NormalizationKind::kOnline;
  options.sliding_window_frames = 50;
  options.sliding_min_frames = 1;
  options.online_prior_frames = 20;
  const std::vector<double> means{12.0, -1.0, 2.0, 0.5};
  const auto extractor = std::make_shared<const FeatureExtractor>(options, nullptr, means);
  const std::vector<float> whole = compute_features(*extractor, samples);
  ASSERT_EQ(whole.size(), plain.size());
  for (std::size_t t = 0; t < plain.size() / means.size(); ++t) {
    const std::vector<float> expected =
        definition(plain, t, means, {.frames = 50, .prior_frames = 20});
    for (std::size_t d = 0; d < means.size(); ++d) {
      ASSERT_NEAR(whole[t * means.size() + d], expected[d], 1e-4) << t;
    }
  }
  FeatureStream stream(extractor);
  std::vector<float> rows;
  for (std::size_t begin = 0; begin < samples.size(); begin += 777) {
    stream.accept(
        std::span(samples).subspan(begin, std::min<std::size_t>(777, samples.size() - begin)));
    const auto taken = stream.take(3);
    rows.insert(rows.end(), taken.begin(), taken.end());
  }
  stream.finish();
  const auto taken = stream.take(stream.frames_ready());
  rows.insert(rows.end(), taken.begin(), taken.end());
  EXPECT_EQ(rows, whole);
}

TEST(OnlineMean, NeedsTheMeansOfItsFeatures) {
  FeatureOptions options{.kind = FeatureKind::kMfcc, .cepstrum_count = 4};
  EXPECT_THROW(FeatureExtractor(options, nullptr, {1, 2, 3, 4}), std::invalid_argument);
  options.normalization = NormalizationKind::kOnline;
  EXPECT_THROW(FeatureExtractor{options}, std::invalid_argument);
  EXPECT_THROW(FeatureExtractor(options, nullptr, {1, 2, 3}), std::invalid_argument);
  EXPECT_NO_THROW(FeatureExtractor(options, nullptr, {1, 2, 3, 4}));
  options.normalize_variance = true;
  EXPECT_THROW(FeatureExtractor(options, nullptr, {1, 2, 3, 4}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

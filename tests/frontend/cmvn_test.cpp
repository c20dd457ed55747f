#include "frontend/cmvn.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "frontend/compute_features.hpp"
#include "tests/frontend/test_audio.hpp"

namespace harpy {
namespace {

constexpr int kDim = 2;

std::vector<float> normalize(const std::vector<float>& x, const FeatureOptions& options,
                             std::size_t piece) {
  FeatureNormalizer normalizer(options, kDim);
  RowQueue input(kDim);
  RowQueue output(kDim);
  for (std::size_t t = 0; t < x.size() / kDim; ++t) {
    std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(t * kDim), kDim, input.append().begin());
    if ((t + 1) % piece == 0) normalizer.process(input, false, output);
  }
  normalizer.process(input, true, output);
  const auto rows = output.take(output.size());
  return {rows.begin(), rows.end()};
}

/// Mean and variance of x over the window of each frame, by their definitions.
std::vector<float> normalize_slowly(const std::vector<float>& x, const FeatureOptions& options) {
  const auto count = static_cast<int>(x.size()) / kDim;
  std::vector<float> result(x.size());
  for (int t = 0; t < count; ++t) {
    int begin = 0;
    int end = count;
    if (options.normalization == NormalizationKind::kSliding) {
      begin = std::max(0, t - options.sliding_window_frames);
      end = std::min(count, std::max(t + 1, options.sliding_min_frames));
    }
    for (int d = 0; d < kDim; ++d) {
      const auto at = [&](int frame) {
        return static_cast<double>(x[static_cast<std::size_t>(frame * kDim + d)]);
      };
      double mean = 0.0;
      for (int i = begin; i < end; ++i) mean += at(i) / (end - begin);
      double variance = 0.0;
      for (int i = begin; i < end; ++i) variance += (at(i) - mean) * (at(i) - mean) / (end - begin);
      double value = at(t) - mean;
      if (options.normalize_variance) value /= std::sqrt(std::max(variance, 1e-10));
      result[static_cast<std::size_t>(t * kDim + d)] = static_cast<float>(value);
    }
  }
  return result;
}

TEST(FeatureNormalizer, EqualsTheDefinitionForEveryWindowAndArrival) {
  const auto x = testing::glide(60 * kDim);
  for (const NormalizationKind kind :
       {NormalizationKind::kSliding, NormalizationKind::kUtterance}) {
    for (const bool variance : {false, true}) {
      for (const int window : {1, 5, 20, 1000}) {
        for (const int least : {1, 4, 1000}) {
          const FeatureOptions options{.normalization = kind,
                                       .normalize_variance = variance,
                                       .sliding_window_frames = window,
                                       .sliding_min_frames = std::min(least, window)};
          const auto expected = normalize_slowly(x, options);
          const auto whole = normalize(x, options, 1000);
          testing::expect_near(whole, expected, 1e-4);
          for (const std::size_t piece : {1U, 3U, 17U})
            EXPECT_EQ(normalize(x, options, piece), whole);
        }
      }
    }
  }
}

TEST(FeatureNormalizer, StaysExactOverHours) {
  const FeatureOptions options{.normalization = NormalizationKind::kSliding,
                               .sliding_window_frames = 50,
                               .sliding_min_frames = 1};
  FeatureNormalizer normalizer(options, 1);
  RowQueue input(1);
  RowQueue output(1);
  const auto cycle = testing::glide(51);
  constexpr int kTwoHours = 720000;
  std::vector<float> early;
  std::vector<float> late;
  for (int t = 0; t < kTwoHours; ++t) {
    input.append()[0] = cycle[static_cast<std::size_t>(t) % cycle.size()] + 15.0F;
    normalizer.process(input, false, output);
    const float value = output.take(1)[0];
    if (t >= 102 && t < 153) early.push_back(value);
    if (t % 51 == 0) late.clear();
    late.push_back(value);
  }
  for (std::size_t i = 0; i < late.size(); ++i) EXPECT_NEAR(late[i], early[i], 1e-5);
}

TEST(FeatureNormalizer, MakesEveryMeanOfAnUtteranceZero) {
  const auto samples = testing::glide(16000);
  const FeatureExtractor extractor({.normalization = NormalizationKind::kUtterance});
  const auto features = compute_features(extractor, samples);
  ASSERT_EQ(features.size(), 98U * 80U);
  for (std::size_t d = 0; d < 80; ++d) {
    double mean = 0.0;
    for (std::size_t t = 0; t < 98; ++t) mean += features[t * 80 + d] / 98.0;
    EXPECT_NEAR(mean, 0.0, 1e-5);
  }
}

}  // namespace
}  // namespace harpy

// I-vectors of streams against their definition, computed here in double precision for all frames
// at once.
#include "frontend/ivector/ivector_stream.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <random>
#include <stdexcept>

#include "frontend/feature_stream.hpp"
#include "frontend/ivector/ivector_file.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

constexpr std::int32_t kFeatures = 5;
constexpr std::int32_t kProjected = 4;
constexpr std::int32_t kGaussians = 6;
constexpr std::int32_t kIvector = 3;
constexpr std::int32_t kLeft = 2;
constexpr std::int32_t kRight = 1;

class Ivectors : public ::testing::Test {
 protected:
  double value(double low = -1.0, double high = 1.0) {
    return std::uniform_real_distribution<double>(low, high)(random_);
  }
  template <typename Value>
  std::vector<Value> values(std::int32_t count, double low = -1.0, double high = 1.0) {
    std::vector<Value> all;
    for (std::int32_t i = 0; i < count; ++i) all.push_back(static_cast<Value>(value(low, high)));
    return all;
  }

  IvectorParameters parameters() {
    IvectorParameters p{.feature_dim = kFeatures,
                        .projected_dim = kProjected,
                        .gaussian_count = kGaussians,
                        .ivector_dim = kIvector,
                        .left_frames = kLeft,
                        .right_frames = kRight,
                        .prior_offset = 2.0,
                        .mean_count = 40.0,
                        .mean_sums = values<double>(kFeatures, -20, 20)};
    p.projection = values<float>((kLeft + 1 + kRight) * kFeatures * kProjected, -0.5, 0.5);
    p.offset = values<float>(kProjected);
    p.constants = values<float>(kGaussians);
    p.linear = values<float>(kProjected * kGaussians);
    p.square = values<float>(kProjected * kGaussians, -1.0, -0.25);
    p.weighted = values<double>(kGaussians * kProjected * kIvector);
    for (std::int32_t g = 0; g < kGaussians; ++g) {
      // A matrix times its transpose, so that all are positive.
      const std::vector<double> root = values<double>(kIvector * kIvector);
      for (int i = 0; i < kIvector; ++i) {
        for (int j = 0; j <= i; ++j) {
          double sum = 0.0;
          for (int k = 0; k < kIvector; ++k) sum += root[i * kIvector + k] * root[j * kIvector + k];
          p.quadratic.push_back(sum);
        }
      }
    }
    return p;
  }

  /// The solution of a symmetric system by elimination.
  static std::vector<double> solve(std::vector<std::vector<double>> a, std::vector<double> b) {
    const std::size_t n = b.size();
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t r = i + 1; r < n; ++r) {
        const double factor = a[r][i] / a[i][i];
        for (std::size_t c = i; c < n; ++c) a[r][c] -= factor * a[i][c];
        b[r] -= factor * b[i];
      }
    }
    for (std::size_t i = n; i-- > 0;) {
      for (std::size_t c = i + 1; c < n; ++c) b[i] -= a[i][c] * b[c];
      b[i] /= a[i][i];
    }
    return b;
  }

  /// A frame that is counted, and how much.
  struct Counted {
    std::int64_t frame;
    double weight;
  };

  /// Each of the frames 0 .. last counted once.
  static std::vector<Counted> all_until(std::int64_t last) {
    std::vector<Counted> all;
    for (std::int64_t t = 0; t <= last; ++t) all.push_back({t, 1.0});
    return all;
  }

  /// The i-vector from frames of whose neighbours `frames` has all.
  static std::vector<double> expected(const IvectorParameters& p, const IvectorOptions& options,
                                      const std::vector<std::vector<float>>& frames,
                                      const std::vector<Counted>& all_counted) {
    const auto normalized = [&](std::int64_t t) {
      std::vector<double> frame(frames[t].begin(), frames[t].end());
      const std::int64_t begin = std::max<std::int64_t>(0, t + 1 - options.mean_frames);
      const auto count = static_cast<double>(t + 1 - begin);
      const double prior = std::min<double>(options.mean_frames - count, options.prior_frames);
      for (int d = 0; d < kFeatures; ++d) {
        double sum = p.mean_sums[d] * prior / p.mean_count;
        for (std::int64_t u = begin; u <= t; ++u) sum += frames[u][d];
        frame[d] -= sum / (count + prior);
      }
      return frame;
    };
    const auto raw = [&](std::int64_t t) {
      return std::vector<double>(frames[t].begin(), frames[t].end());
    };
    const auto project = [&](const auto& frame_at, std::int64_t t) {
      std::vector<double> y(p.offset.begin(), p.offset.end());
      std::size_t weight = 0;
      for (std::int64_t u = t - kLeft; u <= t + kRight; ++u) {
        for (const double x : frame_at(std::max<std::int64_t>(u, 0))) {
          for (double& sum : y) sum += x * p.projection[weight++];
        }
      }
      return y;
    };
    std::vector<std::vector<double>> q(kIvector, std::vector<double>(kIvector));
    std::vector<double> b(kIvector);
    double count = 0.0;
    double prior = 1.0;
    for (const auto& [t, frame_weight] : all_counted) {
      if (frame_weight == 0.0) continue;
      const double before = count;
      const double least_share = std::min(0.99, options.least_posterior / std::abs(frame_weight));
      const std::vector<double> x = project(normalized, t);
      const std::vector<double> y = project(raw, t);
      std::vector<std::pair<double, int>> scores;
      for (int g = 0; g < kGaussians; ++g) {
        double score = p.constants[g];
        for (int d = 0; d < kProjected; ++d) {
          score += x[d] * p.linear[d * kGaussians + g] + x[d] * x[d] * p.square[d * kGaussians + g];
        }
        scores.emplace_back(std::exp(score), g);
      }
      std::sort(scores.rbegin(), scores.rend());
      const double least_score = least_share * scores.front().first;
      std::erase_if(scores, [&](const auto& score) { return score.first <= least_score; });
      if (std::ssize(scores) > options.gaussian_count) {
        scores.resize(static_cast<std::size_t>(options.gaussian_count));
      }
      double total = 0.0;
      for (const auto& [score, g] : scores) total += score;
      const double least = least_share * total;
      while (scores.size() > 1 && scores.back().first < least) {
        total -= scores.back().first;
        scores.pop_back();
      }
      for (const auto& [score, g] : scores) {
        const double weight = frame_weight * options.posterior_scale * score / total;
        count += weight;
        for (int i = 0; i < kIvector; ++i) {
          for (int d = 0; d < kProjected; ++d) {
            b[i] += weight * y[d] * p.weighted[(g * kProjected + d) * kIvector + i];
          }
          for (int j = 0; j < kIvector; ++j) {
            const int row = std::max(i, j);
            q[i][j] += weight * p.quadratic[g * kIvector * (kIvector + 1) / 2 +
                                            row * (row + 1) / 2 + std::min(i, j)];
          }
        }
      }
      if (options.max_count > 0.0) {
        prior += (std::max(count, options.max_count) - std::max(before, options.max_count)) /
                 options.max_count;
      }
    }
    for (int i = 0; i < kIvector; ++i) q[i][i] += prior;
    b[0] += prior * p.prior_offset;
    std::vector<double> solution = solve(q, b);
    solution[0] -= p.prior_offset;
    return solution;
  }

  std::mt19937 random_{17};
};

TEST_F(Ivectors, EqualTheirDefinition) {
  for (const double max_count : {0.0, 3.0}) {
    const IvectorOptions options{.period_frames = 4,
                                 .gaussian_count = 3,
                                 .least_posterior = 0.1F,
                                 .posterior_scale = 0.25F,
                                 .max_count = max_count,
                                 .mean_frames = 12,
                                 .prior_frames = 7};
    const auto extractor = std::make_shared<const IvectorExtractor>(parameters(), options);
    IvectorStream stream(extractor);
    std::vector<std::vector<float>> frames;
    EXPECT_EQ(stream.ivector()[0], 0.0F);
    for (std::int64_t t = 0; t < 50; ++t) {
      frames.push_back(values<float>(kFeatures, -2.0, 2.0));
      stream.accept(frames.back());
      const std::int64_t counted = t - kRight;  // the last frame whose neighbours are there
      if (counted < 0) continue;
      const std::int64_t estimated = counted / 4 * 4;
      EXPECT_EQ(stream.estimate_count(), estimated / 4 + 1);
      const std::vector<double> definition =
          expected(extractor->parameters(), options, frames, all_until(estimated));
      for (int i = 0; i < kIvector; ++i) {
        ASSERT_NEAR(stream.ivector()[static_cast<std::size_t>(i)], definition[i], 1e-4) << t;
      }
    }
  }
}

// The scheme of Kaldi's decoders: a frame is counted with what it weighs by then, and what is said
// of it later is counted as the difference. Weights are said in steps of three frames, with each
// piece of the stream, for the newest frames that the search has seen; the frames behind them count
// as the last of them.
TEST_F(Ivectors, OfWeighedFramesEqualTheirDefinition) {
  constexpr float kSilence = 0.01F;
  constexpr std::int64_t kEach = 3;
  for (const double max_count : {0.0, 3.0}) {
    const IvectorOptions options{.period_frames = 1,
                                 .gaussian_count = 3,
                                 .least_posterior = 0.1F,
                                 .posterior_scale = 0.25F,
                                 .max_count = max_count,
                                 .mean_frames = 12,
                                 .prior_frames = 7,
                                 .silence_weight = kSilence};
    const auto extractor = std::make_shared<const IvectorExtractor>(parameters(), options);
    IvectorStream stream(extractor);
    std::vector<std::vector<float>> frames;
    std::vector<float> known{kSilence};  // of the search's frames
    std::vector<double> counted_with;
    std::vector<Counted> counted;
    const auto weight_of = [&](std::int64_t t) {
      return known[static_cast<std::size_t>(std::min(t / kEach, std::ssize(known) - 1))];
    };
    stream.weigh({.values = known}, kEach);
    for (int piece = 0; piece < 60; ++piece) {
      const std::int64_t piece_frames = 7;
      for (std::int64_t i = 0; i < piece_frames; ++i) {
        frames.push_back(values<float>(kFeatures, -2.0, 2.0));
        stream.accept(frames.back());
        const std::int64_t t = std::ssize(frames) - 1 - kRight;
        if (t < 0) continue;
        counted.push_back({t, weight_of(t)});
        counted_with.push_back(weight_of(t));
        if (i + 1 < piece_frames) continue;
        const std::vector<double> definition =
            expected(extractor->parameters(), options, frames, counted);
        for (int d = 0; d < kIvector; ++d) {
          ASSERT_NEAR(stream.ivector()[static_cast<std::size_t>(d)], definition[d], 1e-3)
              << piece << " frame " << t;
        }
      }
      // The search has seen all but the last four frames; the end of its path changes.
      const std::int64_t searched = (std::ssize(frames) - 4) / kEach;
      const std::int64_t first = std::max<std::int64_t>(0, searched - 100);
      known.resize(static_cast<std::size_t>(searched));
      for (std::int64_t k = std::max(first, searched - 6); k < searched; ++k) {
        known[static_cast<std::size_t>(k)] = value() < 0.0 ? kSilence : 1.0F;
      }
      if (piece == 40) std::fill(known.begin(), known.end(), 1.0F);
      stream.weigh({.first_frame = first, .values = {known.begin() + first, known.end()}}, kEach);
      const std::int64_t oldest =
          std::max(std::ssize(counted_with) - IvectorStream::kReweighedFrames, first * kEach);
      for (std::int64_t t = oldest; t < std::ssize(counted_with); ++t) {
        double& weight = counted_with[static_cast<std::size_t>(t)];
        counted.push_back({t, weight_of(t) - weight});
        weight = weight_of(t);
      }
    }
    EXPECT_GT(std::ssize(frames), IvectorStream::kReweighedFrames);
  }
}

TEST_F(Ivectors, OfFramesThatCountAlikeTakeNoWeights) {
  IvectorStream stream(std::make_shared<const IvectorExtractor>(parameters(), IvectorOptions{}));
  EXPECT_THROW(stream.weigh({.values = {0.5F}}, 3), std::logic_error);
  const FeatureOptions options{.kind = FeatureKind::kMfcc};
  FeatureStream features(std::make_shared<const FeatureExtractor>(options));
  EXPECT_THROW(features.weigh({.values = {0.5F}}, 3), std::logic_error);
}

TEST_F(Ivectors, EndTheFramesOfAStreamHoweverItIsCut) {
  const FeatureOptions options{.kind = FeatureKind::kMfcc, .cepstrum_count = kFeatures};
  const auto extractor = std::make_shared<const FeatureExtractor>(
      options, std::make_shared<const IvectorExtractor>(parameters(), IvectorOptions{}));
  EXPECT_EQ(extractor->dim(), kFeatures + kIvector);
  const std::vector<float> samples = values<float>(16000, -0.5, 0.5);
  const auto run = [&](std::size_t piece) {
    FeatureStream stream(extractor);
    std::vector<float> all;
    std::span<const float> rest = samples;
    while (!rest.empty()) {
      const std::size_t count = std::min(piece, rest.size());
      stream.accept(rest.first(count));
      rest = rest.subspan(count);
      const auto rows = stream.take(3);
      all.insert(all.end(), rows.begin(), rows.end());
    }
    stream.finish();
    const auto rows = stream.take(1000);
    all.insert(all.end(), rows.begin(), rows.end());
    return all;
  };
  const std::vector<float> whole = run(samples.size());
  EXPECT_EQ(std::ssize(whole), extractor->frame_count(16000) * extractor->dim());
  EXPECT_NE(whole[whole.size() - 1], 0.0F);
  for (const std::size_t piece : {37U, 160U, 5000U}) EXPECT_EQ(run(piece), whole) << piece;
}

TEST_F(Ivectors, ExtractorsAreWrittenAndRead) {
  const testing::TemporaryDirectory directory;
  const std::filesystem::path path = directory.path() / "ivectors.harpy";
  const IvectorExtractor extractor(parameters(),
                                   {.period_frames = 7, .max_count = 5.0, .silence_weight = 0.5F});
  write_ivector_file(path, extractor);
  const auto read = read_ivector_file(path);
  EXPECT_EQ(read->options(), extractor.options());
  EXPECT_EQ(read->parameters().weighted, extractor.parameters().weighted);
  EXPECT_EQ(read->parameters().quadratic, extractor.parameters().quadratic);
  EXPECT_EQ(read->parameters().linear, extractor.parameters().linear);
  EXPECT_EQ(read->parameters().prior_offset, 2.0);
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 9);
  EXPECT_THROW(read_ivector_file(path), std::runtime_error);
}

TEST_F(Ivectors, ArraysThatDoNotFitAreRefused) {
  IvectorParameters wrong = parameters();
  wrong.linear.pop_back();
  EXPECT_THROW(IvectorExtractor(wrong, {}), std::invalid_argument);
  EXPECT_THROW(IvectorExtractor(parameters(), {.period_frames = 0}), std::invalid_argument);
  EXPECT_THROW(IvectorExtractor(parameters(), {.silence_weight = 1.5F}), std::invalid_argument);
  EXPECT_THROW(FeatureExtractor(
                   {}, std::make_shared<const IvectorExtractor>(parameters(), IvectorOptions{})),
               std::invalid_argument)
      << "i-vectors of other features";
}

}  // namespace
}  // namespace harpy

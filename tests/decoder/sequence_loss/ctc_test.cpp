#include "decoder/sequence_loss/ctc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "tests/decoder/sequence_loss/loss_minibatch.hpp"

namespace harpy {
namespace {

/// A minibatch for CTC.
struct Minibatch : testing::LossMinibatch {
  using LossMinibatch::evaluate;
  using LossMinibatch::LossMinibatch;

  LossValue evaluate(int thread_count = 1) {
    Ctc ctc(thread_count);
    return evaluate(ctc);
  }
};

/// P(labels) and its posteriors, by going through all dim^frames alignments.
testing::Enumeration enumerate_alignments(const std::vector<float>& head, std::size_t dim,
                                          const std::vector<std::int32_t>& labels) {
  testing::Enumeration result;
  result.posteriors.assign(head.size(), 0.0);
  testing::visit_alignments(
      head, dim, [&](const auto& alignment, const auto& of_alignment, double log_weight) {
        if (of_alignment != labels) return;
        ++result.path_count;
        result.probability += std::exp(log_weight);
        for (std::size_t t = 0; t < alignment.size(); ++t) {
          result.posteriors[t * dim + static_cast<std::size_t>(alignment[t])] +=
              std::exp(log_weight);
        }
      });
  for (double& posterior : result.posteriors) {
    if (result.probability > 0.0) posterior /= result.probability;
  }
  return result;
}

TEST(Ctc, EqualsTheEnumerationOfAllAlignmentsForAllShortLabelSequences) {
  std::vector<std::vector<std::int32_t>> all{{}};
  for (std::size_t i = 0; all[i].size() < 3; ++i) {
    for (std::int32_t label = 1; label <= 3; ++label) {
      all.push_back(all[i]);
      all.back().push_back(label);
    }
  }
  ASSERT_EQ(all.size(), 1U + 3U + 9U + 27U);
  for (std::int64_t frames = 1; frames <= 5; ++frames) {
    Minibatch batch(static_cast<std::int64_t>(all.size()), frames, 4,
                    static_cast<std::uint32_t>(frames));
    for (std::size_t s = 0; s < all.size(); ++s) batch.targets[s].labels = all[s];
    const LossValue value = batch.evaluate();
    double total = 0.0;
    std::int64_t skipped = 0;
    const auto size = static_cast<std::size_t>(frames * 4);
    for (std::size_t s = 0; s < all.size(); ++s) {
      const std::vector<float> head(
          batch.head.begin() + static_cast<std::ptrdiff_t>(s * size),
          batch.head.begin() + static_cast<std::ptrdiff_t>((s + 1) * size));
      const testing::Enumeration expected = enumerate_alignments(head, 4, all[s]);
      if (expected.path_count == 0) {
        ++skipped;
      } else {
        total -= std::log(expected.probability);
      }
      for (std::size_t i = 0; i < size; ++i) {
        ASSERT_NEAR(batch.gradient[s * size + i], -expected.posteriors[i], 2e-6)
            << frames << " frames, labels number " << s;
      }
    }
    EXPECT_NEAR(value.total, total, 1e-6 * total);
    EXPECT_EQ(value.skipped, skipped);
    EXPECT_EQ(value.frames, (static_cast<std::int64_t>(all.size()) - skipped) * frames);
  }
}

TEST(Ctc, GradientIsTheNumericDerivativeOfTheValue) {
  Minibatch batch(2, 30, 8, 7);
  batch.targets[0].labels = {1, 5, 5, 2, 7, 3};
  batch.targets[1].labels = {4, 4, 4, 4};
  batch.evaluate();
  constexpr float kStep = 1.0F / 64.0F;
  for (std::size_t i = 0; i < batch.head.size(); i += 11) {
    Minibatch up = batch, down = batch;
    up.head[i] += kStep;
    down.head[i] -= kStep;
    const double slope = (up.evaluate().total - down.evaluate().total) / (2.0 * kStep);
    EXPECT_NEAR(slope, batch.gradient[i], 1e-4) << "at " << i;
  }
}

TEST(Ctc, SkipsSequencesWhoseLabelsDoNotFitTheFrames) {
  Minibatch batch(4, 3, 3, 8);
  batch.targets[0].labels = {1, 2, 1};     // fits exactly
  batch.targets[1].labels = {1, 1, 2};     // needs a blank: 4 frames
  batch.targets[2].labels = {1, 2, 1, 2};  // 4 frames
  batch.targets[3].labels = {1, 1};        // fits exactly
  const LossValue value = batch.evaluate();
  EXPECT_EQ(value.skipped, 2);
  EXPECT_EQ(value.frames, 6);
  const auto gradient_of = [&](std::ptrdiff_t s) {
    return std::vector<float>(batch.gradient.begin() + 9 * s, batch.gradient.begin() + 9 * (s + 1));
  };
  const auto near = [](const std::vector<float>& values) {
    return ::testing::Pointwise(::testing::FloatNear(1e-6F), values);
  };
  EXPECT_EQ(gradient_of(1), std::vector<float>(9));
  EXPECT_EQ(gradient_of(2), std::vector<float>(9));
  // The only alignments are 1 2 1 and 1 blank 1.
  EXPECT_THAT(gradient_of(0), near({0, -1, 0, 0, 0, -1, 0, -1, 0}));
  EXPECT_THAT(gradient_of(3), near({0, -1, 0, -1, 0, 0, 0, -1, 0}));
  double expected = 0.0;
  for (const std::size_t i : {1, 5, 7, 28, 30, 34}) expected -= double{batch.head[i]};
  EXPECT_NEAR(value.total, expected, 1e-5);
}

TEST(Ctc, SkipsSequencesAllOfWhoseAlignmentsAreImpossible) {
  Minibatch batch(1, 2, 3, 9);
  batch.targets[0].labels = {2};
  batch.head[2] = batch.head[5] = -std::numeric_limits<float>::infinity();
  const LossValue value = batch.evaluate();
  EXPECT_EQ(value.skipped, 1);
  EXPECT_EQ(value.total, 0.0);
  EXPECT_EQ(batch.gradient, std::vector<float>(6));
}

TEST(Ctc, ALongUtteranceThatTheNetworkHearsOnlyAsBlanksDoesNotUnderflow) {
  constexpr std::int64_t kFrames = 2000, kDim = 41;
  constexpr std::size_t kLabels = 300;
  Minibatch batch(1, kFrames, kDim, 10);
  for (std::size_t i = 0; i < batch.head.size(); ++i) batch.head[i] = i % kDim == 0 ? 0.0F : -40.0F;
  for (std::size_t i = 0; i < kLabels; ++i) {
    batch.targets[0].labels.push_back(static_cast<std::int32_t>(1 + i % (kDim - 1)));
  }
  const LossValue value = batch.evaluate();
  // Each label takes one frame but for e^-40 of the alignments: (2000 over 300) of them.
  const double choices = std::lgamma(2001.0) - std::lgamma(301.0) - std::lgamma(1701.0);
  EXPECT_EQ(value.skipped, 0);
  EXPECT_NEAR(value.total, 40.0 * kLabels - choices, 0.01);
  for (std::size_t t = 0; t < kFrames; ++t) {
    double sum = 0.0;
    for (std::size_t d = 0; d < kDim; ++d) sum -= double{batch.gradient[t * kDim + d]};
    ASSERT_NEAR(sum, 1.0, 1e-5);
    ASSERT_NEAR(batch.gradient[t * kDim], -0.85, 1e-4);
  }
}

TEST(Ctc, GivesTheSameBitsForAnyThreadCountAndWhenUsedAgain) {
  Minibatch batch(13, 60, 20, 11);
  std::mt19937 random(12);
  for (std::size_t s = 0; s < batch.targets.size(); ++s) {
    for (std::size_t i = 0; i < 4 * s; ++i) {
      batch.targets[s].labels.push_back(static_cast<std::int32_t>(1 + random() % 19));
    }
  }
  Minibatch one = batch;
  const LossValue expected = one.evaluate();
  EXPECT_GT(expected.frames, 0);
  for (const int thread_count : {1, 2, 3}) {
    Ctc ctc(thread_count);
    for (int time = 0; time < 3; ++time) {
      Minibatch again = batch;
      const LossValue value = again.evaluate(ctc);
      EXPECT_EQ(value.total, expected.total);
      EXPECT_EQ(value.skipped, expected.skipped);
      EXPECT_EQ(again.gradient, one.gradient);
    }
  }
}

TEST(Ctc, GivesOnEveryCudaDeviceWhatItGivesOnTheCpu) {
  Minibatch batch(13, 60, 20, 15);
  std::mt19937 random(16);
  for (std::size_t s = 0; s < batch.targets.size(); ++s) {
    for (std::size_t i = 0; i < 5 * s; ++i) {
      batch.targets[s].labels.push_back(static_cast<std::int32_t>(1 + random() % 19));
    }
  }
  Ctc ctc;
  testing::expect_the_same_on_cuda(ctc, batch, 1e-6, 2e-6F);
}

TEST(Ctc, NotANumberInTheHeadMakesTheTotalNotANumber) {
  Minibatch batch(2, 4, 3, 13);
  batch.targets[0].labels = {1};
  batch.targets[1].labels = {2};
  batch.head[14] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(batch.evaluate().total));
}

TEST(Ctc, RefusesLabelsOutsideTheHead) {
  for (const std::int32_t label : {0, -1, 3, 1000000}) {
    Minibatch batch(2, 4, 3, 14);
    batch.targets[1].labels = {1, label};
    try {
      batch.evaluate();
      FAIL() << "label " << label;
    } catch (const std::invalid_argument& error) {
      const std::string text = error.what();
      EXPECT_NE(text.find("labels from 1 to 2"), std::string::npos) << text;
      EXPECT_NE(text.find(std::to_string(label) + " in sequence 1"), std::string::npos) << text;
    }
  }
}

TEST(Ctc, RefusesShapesThatDoNotFit) {
  const auto backend = create_backend({});
  Ctc ctc;
  std::vector<float> values(24), more(24);
  const std::vector<LossTarget> targets(2);
  const ConstTensorView head{values.data(), Shape{2, 4, 3}};
  const TensorView gradient{more.data(), Shape{2, 4, 3}};
  const auto refuses = [&](const std::vector<ConstTensorView>& heads,
                           const std::vector<LossTarget>& labels,
                           const std::vector<TensorView>& gradients) {
    EXPECT_THROW(ctc.evaluate(*backend, heads, labels, gradients), std::invalid_argument);
  };
  refuses({}, targets, {gradient});
  refuses({head, head}, targets, {gradient});
  refuses({head}, targets, {});
  refuses({head}, std::vector<LossTarget>(3), {gradient});
  refuses({{values.data(), Shape{8, 3}}}, targets, {{more.data(), Shape{8, 3}}});
  refuses({head}, targets, {{more.data(), Shape{2, 3, 4}}});
  EXPECT_THROW(Ctc(0), std::invalid_argument);
  EXPECT_NO_THROW(ctc.evaluate(*backend, {&head, 1}, targets, {&gradient, 1}));
}

}  // namespace
}  // namespace harpy

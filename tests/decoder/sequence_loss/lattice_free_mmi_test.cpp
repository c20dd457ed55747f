#include "decoder/sequence_loss/lattice_free_mmi.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/sequence_loss/ctc.hpp"
#include "tests/decoder/sequence_loss/loss_minibatch.hpp"

namespace harpy {
namespace {

using Labels = std::vector<std::int32_t>;
using ::testing::HasSubstr;
using testing::LossMinibatch;

DenominatorGraph small_denominator(std::int32_t pdf_count) {
  const auto labels = static_cast<std::uint32_t>(pdf_count - 1);
  std::mt19937 random(1);
  std::vector<Labels> sequences(30);
  for (Labels& sequence : sequences) {
    for (std::size_t length = 1 + random() % 8; length > 0; --length) {
      const auto label = std::min(random() % labels, random() % labels);
      sequence.push_back(1 + static_cast<std::int32_t>(label));
    }
  }
  return {sequences, pdf_count, {.order = 3, .context_count = 10}};
}

LatticeFreeMmi make_loss(std::int32_t pdf_count, float ctc_weight, int thread_count = 1) {
  return {small_denominator(pdf_count), {.ctc_weight = ctc_weight, .thread_count = thread_count}};
}

/// Labels of growing number; the longest do not fit.
LossMinibatch labelled_minibatch(std::uint32_t seed) {
  LossMinibatch batch(21, 40, 12, seed);
  std::mt19937 random(seed);
  for (std::size_t s = 0; s < batch.targets.size(); ++s) {
    for (std::size_t i = 0; i < 2 * s + s / 18 * 10; ++i) {
      batch.targets[s].labels.push_back(1 + static_cast<std::int32_t>(random() % 11));
    }
  }
  return batch;
}

TEST(LatticeFreeMmi, EqualsTheEnumerationOfAllAlignments) {
  constexpr std::size_t kDim = 4;
  const DenominatorGraph denominator = small_denominator(kDim);
  for (const float ctc_weight : {0.0F, 0.25F}) {
    LatticeFreeMmi loss = make_loss(kDim, ctc_weight);
    LossMinibatch batch(3, 5, kDim, 2);
    batch.targets[0].labels = {1, 3};
    batch.targets[1].labels = {2, 2, 1};
    const LossValue value = batch.evaluate(loss);
    double total = 0.0;
    for (std::size_t s = 0; s < 3; ++s) {
      double numerator = 0.0, sum = 0.0;
      std::vector<double> of_numerator(batch.sequence_size()), of_sum(batch.sequence_size());
      const std::vector<float> head = batch.head_of(s);
      testing::visit_alignments(
          head, kDim, [&](const Labels& alignment, const Labels& labels, double log_weight) {
            const double weight = std::exp(log_weight);
            const double weighed = weight * std::exp(denominator.log_probability(labels));
            const bool is_target = labels == batch.targets[s].labels;
            sum += weighed;
            if (is_target) numerator += weight;
            for (std::size_t t = 0; t < alignment.size(); ++t) {
              const std::size_t i = t * kDim + static_cast<std::size_t>(alignment[t]);
              of_sum[i] += weighed;
              if (is_target) of_numerator[i] += weight;
            }
          });
      const double of_labels = denominator.log_probability(batch.targets[s].labels);
      const double mmi = std::log(sum) - of_labels - std::log(numerator);
      EXPECT_GE(mmi, 0.0);
      total += mmi - double{ctc_weight} * std::log(numerator);
      const std::vector<float> gradient = batch.gradient_of(s);
      for (std::size_t i = 0; i < gradient.size(); ++i) {
        const double expected =
            of_sum[i] / sum - (1.0 + double{ctc_weight}) * of_numerator[i] / numerator;
        ASSERT_NEAR(gradient[i], expected, 5e-6) << "sequence " << s << " at " << i;
      }
    }
    EXPECT_NEAR(value.total, total, 1e-5 * total);
    EXPECT_EQ(value.frames, 15);
    EXPECT_EQ(value.skipped, 0);
  }
}

TEST(LatticeFreeMmi, GradientThroughALogSoftmaxIsTheNumericDerivativeOfTheValue) {
  constexpr std::size_t kDim = 6;
  LatticeFreeMmi loss = make_loss(kDim, 0.1F);
  LossMinibatch batch(2, 20, kDim, 3);
  batch.targets[0].labels = {1, 5, 5, 2, 3};
  batch.targets[1].labels = {4, 4, 4};
  std::mt19937 random(4);
  std::normal_distribution<float> normal(0.0F, 1.5F);
  std::vector<float> logits(batch.head.size());
  for (float& logit : logits) logit = normal(random);
  const auto value_at = [&] {
    for (std::size_t row = 0; row < logits.size(); row += kDim) {
      double sum = 0.0;
      for (std::size_t d = 0; d < kDim; ++d) sum += std::exp(double{logits[row + d]});
      for (std::size_t d = 0; d < kDim; ++d) {
        batch.head[row + d] = logits[row + d] - static_cast<float>(std::log(sum));
      }
    }
    return batch.evaluate(loss).total;
  };
  value_at();
  std::vector<double> expected(logits.size());
  for (std::size_t row = 0; row < logits.size(); row += kDim) {
    double sum = 0.0;
    for (std::size_t d = 0; d < kDim; ++d) sum += double{batch.gradient[row + d]};
    for (std::size_t d = 0; d < kDim; ++d) {
      expected[row + d] =
          double{batch.gradient[row + d]} - std::exp(double{batch.head[row + d]}) * sum;
    }
  }
  constexpr float kStep = 1.0F / 64.0F;
  for (std::size_t i = 0; i < logits.size(); i += 7) {
    const float at = logits[i];
    logits[i] = at + kStep;
    const double up = value_at();
    logits[i] = at - kStep;
    const double down = value_at();
    logits[i] = at;
    EXPECT_NEAR((up - down) / (2.0 * double{kStep}), expected[i], 3e-4) << "at " << i;
  }
}

TEST(LatticeFreeMmi, SkipsTheSequencesThatCtcSkipsAndLeavesTheirGradientZero) {
  LatticeFreeMmi loss = make_loss(12, 0.1F);
  LossMinibatch batch = labelled_minibatch(5);
  for (std::size_t i = 0; i < batch.sequence_size(); i += 12) {
    // No frame of sequence 1 can be its labels.
    for (const std::int32_t label : batch.targets[1].labels) {
      batch.head[batch.sequence_size() + i + static_cast<std::size_t>(label)] =
          -std::numeric_limits<float>::infinity();
    }
  }
  LossMinibatch same = batch;
  Ctc ctc;
  const LossValue of_ctc = same.evaluate(ctc);
  const LossValue value = batch.evaluate(loss);
  EXPECT_GE(value.skipped, 2);
  EXPECT_EQ(value.skipped, of_ctc.skipped);
  EXPECT_EQ(value.frames, of_ctc.frames);
  for (const std::size_t skipped : {std::size_t{1}, batch.targets.size() - 1}) {
    EXPECT_EQ(batch.gradient_of(skipped), std::vector<float>(batch.sequence_size()));
  }
}

TEST(LatticeFreeMmi, GivesTheSameBitsForAnyThreadCountAndWhenUsedAgain) {
  const LossMinibatch batch = labelled_minibatch(6);
  LossMinibatch one = batch;
  LatticeFreeMmi with_one = make_loss(12, 0.1F);
  const LossValue expected = one.evaluate(with_one);
  EXPECT_GT(expected.frames, 0);
  for (const int thread_count : {2, 3, 8}) {
    LatticeFreeMmi loss = make_loss(12, 0.1F, thread_count);
    for (int time = 0; time < 2; ++time) {
      LossMinibatch again = batch;
      const LossValue value = again.evaluate(loss);
      EXPECT_EQ(value.total, expected.total);
      EXPECT_EQ(value.skipped, expected.skipped);
      EXPECT_EQ(again.gradient, one.gradient);
    }
  }
}

TEST(LatticeFreeMmi, GivesASequenceTheSameBitsWhateverStandsBesideIt) {
  LatticeFreeMmi loss = make_loss(12, 0.1F);
  LossMinibatch batch = labelled_minibatch(7);
  batch.evaluate(loss);
  for (const std::size_t s : {0U, 4U, 17U}) {
    LossMinibatch alone(1, 40, 12, 8);
    alone.head = batch.head_of(s);
    alone.targets[0] = batch.targets[s];
    alone.evaluate(loss);
    EXPECT_EQ(alone.gradient, batch.gradient_of(s)) << "sequence " << s;
  }
}

TEST(LatticeFreeMmi, GivesOnEveryCudaDeviceWhatItGivesOnTheCpu) {
  LatticeFreeMmi loss = make_loss(12, 0.1F);
  expect_the_same_on_cuda(loss, labelled_minibatch(9), 1e-5, 5e-6F);
}

TEST(LatticeFreeMmi, NotANumberInTheHeadMakesTheTotalNotANumber) {
  LatticeFreeMmi loss = make_loss(3, 0.1F);
  LossMinibatch batch(2, 4, 3, 10);
  batch.targets[0].labels = {1};
  batch.targets[1].labels = {2};
  batch.head[14] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(batch.evaluate(loss).total));
}

TEST(LatticeFreeMmi, RefusesWhatDoesNotFitAndImpossibleOptions) {
  const auto error_of = [](const auto& action) {
    try {
      action();
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  LatticeFreeMmi loss = make_loss(3, 0.1F);
  LossMinibatch batch(2, 4, 3, 11);
  EXPECT_EQ(error_of([&] { batch.evaluate(loss); }), "no error");
  batch.targets[1].labels = {3};
  EXPECT_THAT(error_of([&] { batch.evaluate(loss); }),
              HasSubstr("lattice-free MMI: expected labels from 1 to 2, got 3 in sequence 1"));
  LossMinibatch wide(2, 4, 5, 12);
  EXPECT_THAT(error_of([&] { wide.evaluate(loss); }), HasSubstr("head with 3 columns, got 5"));
  EXPECT_THAT(error_of([] { make_loss(3, -0.5F); }), HasSubstr("CTC weight"));
  EXPECT_THAT(error_of([] { make_loss(3, std::numeric_limits<float>::infinity()); }),
              HasSubstr("CTC weight"));
  EXPECT_THAT(error_of([] { make_loss(3, 0.1F, 0); }), HasSubstr("at least 1 thread, got 0"));
}

}  // namespace
}  // namespace harpy

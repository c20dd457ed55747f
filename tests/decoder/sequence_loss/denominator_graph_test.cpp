#include "decoder/sequence_loss/denominator_graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/language_model/kneser_ney.hpp"
#include "decoder/path_sums/forward_backward_cpu.hpp"
#include "tests/decoder/sequence_loss/loss_minibatch.hpp"

namespace harpy {
namespace {

using Labels = std::vector<std::int32_t>;
using ::testing::HasSubstr;

/// Sequences in which some labels like to follow others.
std::vector<Labels> random_sequences(std::size_t count, std::int32_t label_count,
                                     std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto labels = static_cast<std::uint32_t>(label_count);
  std::vector<Labels> sequences(count);
  for (Labels& sequence : sequences) {
    std::int32_t label = 1 + static_cast<std::int32_t>(random() % labels);
    for (std::size_t length = random() % 12; length > 0; --length) {
      sequence.push_back(label);
      if (random() % 3 == 0) {
        label = 1 + static_cast<std::int32_t>(random() % labels);
      } else {
        label = 1 + label % label_count;
      }
    }
  }
  return sequences;
}

/// The n-gram model itself, without a limit to its contexts.
double model_log_probability(const std::vector<Labels>& sequences, std::int32_t label_count,
                             int order, const Labels& labels) {
  Vocabulary vocabulary;
  const WordId start = vocabulary.add("<s>");
  for (std::int32_t label = 1; label <= label_count; ++label) vocabulary.add(std::to_string(label));
  const WordId end = vocabulary.add("</s>");
  std::vector<WordId> tokens;
  for (const Labels& sequence : sequences) {
    tokens.push_back(start);
    for (const std::int32_t label : sequence) tokens.push_back(static_cast<WordId>(label));
    tokens.push_back(end);
  }
  const NgramModel model = estimate_kneser_ney(vocabulary, count_ngrams(tokens, vocabulary, order),
                                               {.lower_orders = LowerOrders::kOccurrences})
                               .model;
  std::vector<WordId> history{start};
  double sum = 0.0;
  for (const std::int32_t label : labels) {
    sum += double{model.log_probability(history, static_cast<WordId>(label))};
    history.push_back(static_cast<WordId>(label));
  }
  return sum + double{model.log_probability(history, end)};
}

TEST(DenominatorGraph, WithAllContextsGivesSequencesTheProbabilityOfTheNgramModel) {
  const std::vector<Labels> sequences = random_sequences(60, 5, 1);
  const std::vector<Labels> others = random_sequences(40, 5, 2);
  for (int order = 1; order <= 4; ++order) {
    const DenominatorGraph graph(sequences, 6, {.order = order, .context_count = 1000});
    for (const Labels& labels : others) {
      const double expected = model_log_probability(sequences, 5, order, labels);
      EXPECT_NEAR(graph.log_probability(labels), expected, 1e-5) << "order " << order;
    }
  }
}

TEST(DenominatorGraph, ProbabilitiesOfWhatFollowsAContextSumToOneHoweverFewContextsThereAre) {
  const std::vector<Labels> sequences = random_sequences(60, 5, 3);
  std::int32_t states_before = 0;
  for (const std::int64_t context_count : {0, 3, 10, 1000}) {
    const DenominatorGraph graph(sequences, 6, {.order = 3, .context_count = context_count});
    const GraphView& labels = graph.labels();
    EXPECT_GT(labels.state_count, states_before);
    states_before = labels.state_count;
    for (std::int32_t s = 0; s < labels.state_count; ++s) {
      double sum = std::exp(-double{labels.final_cost[s]});
      for (std::uint32_t a = labels.arc_begin[s]; a < labels.arc_begin[s + 1]; ++a) {
        EXPECT_EQ(labels.arcs[a].output, labels.arcs[a].input);
        EXPECT_EQ(labels.arcs[a].input, 1 + static_cast<std::int32_t>(a - labels.arc_begin[s]));
        sum += std::exp(-double{labels.arcs[a].cost});
      }
      EXPECT_NEAR(sum, 1.0, 1e-5) << "state " << s << ", " << context_count << " contexts";
    }
  }
}

TEST(DenominatorGraph, SumsOverEachAlignmentOnceAtTheProbabilityOfItsLabels) {
  constexpr std::size_t kFrames = 6, kDim = 4;
  const std::vector<Labels> sequences = random_sequences(40, 3, 4);
  for (int order = 1; order <= 4; ++order) {
    const DenominatorGraph graph(sequences, kDim, {.order = order, .context_count = 7});
    std::mt19937 random(static_cast<std::uint32_t>(order));
    const std::vector<float> head = testing::random_log_softmax(random, kFrames, kDim);
    double expected = 0.0;
    testing::visit_alignments(head, kDim,
                              [&](const Labels&, const Labels& labels, double log_weight) {
                                expected += std::exp(log_weight + graph.log_probability(labels));
                              });
    std::vector<float> gradient(head.size());
    const UtteranceScores scores{head.data(), kFrames, gradient.data()};
    double log_probability = 0.0;
    CpuForwardBackward().evaluate(graph.summation_graph(), {&scores, 1}, 1.0F,
                                  {&log_probability, 1});
    EXPECT_NEAR(log_probability, std::log(expected), 1e-5) << "order " << order;
  }
}

TEST(DenominatorGraph, ScoresLabelsByTheirUnitsBehindTheLabelBefore) {
  constexpr std::size_t kFrames = 5, kDim = 6;
  const LabelContexts contexts(4, {{1, 2}, {3, 3}});
  const DenominatorGraph graph(random_sequences(40, 3, 4), 4,
                               {.order = 3, .context_count = 7, .contexts = contexts});
  EXPECT_EQ(graph.pdf_count(), 6);
  std::mt19937 random(6);
  const std::vector<float> head = testing::random_log_softmax(random, kFrames, kDim);
  double expected = 0.0;
  testing::visit_alignments(
      head, kDim, [&](const Labels& alignment, const Labels& units, double log_weight) {
        for (std::size_t t = 1; t < alignment.size(); ++t) {  // a blank between equal labels
          const bool is_new = alignment[t] != alignment[t - 1];
          if (is_new && contexts.label(alignment[t]) == contexts.label(alignment[t - 1])) return;
        }
        Labels labels;
        for (const std::int32_t unit : units) {
          labels.push_back(contexts.label(unit));
          const std::int32_t before = labels.size() == 1 ? 0 : labels[labels.size() - 2];
          if (contexts.unit(before, labels.back()) != unit) return;
        }
        expected += std::exp(log_weight + graph.log_probability(labels));
      });
  std::vector<float> gradient(head.size());
  const UtteranceScores scores{head.data(), kFrames, gradient.data()};
  double log_probability = 0.0;
  CpuForwardBackward().evaluate(graph.summation_graph(), {&scores, 1}, 1.0F, {&log_probability, 1});
  EXPECT_NEAR(log_probability, std::log(expected), 1e-5);
}

TEST(DenominatorGraph, AcceptsLabelsThatWereNeverSeen) {
  const std::vector<Labels> sequences{{1, 2}, {2, 1}};
  const DenominatorGraph graph(sequences, 5, {});
  const double probability = graph.log_probability(Labels{4, 4, 3});
  EXPECT_TRUE(std::isfinite(probability));
  EXPECT_LT(probability, graph.log_probability(Labels{1, 2}));
}

TEST(DenominatorGraph, RefusesWhatItCannotBeMadeOf) {
  const std::vector<Labels> good{{1, 2}};
  const auto error_of = [](const std::vector<Labels>& sequences, std::int32_t pdf_count,
                           const DenominatorOptions& options) {
    try {
      const DenominatorGraph graph(sequences, pdf_count, options);
    } catch (const std::invalid_argument& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  EXPECT_EQ(error_of(good, 3, {}), "no error");
  EXPECT_THAT(error_of(good, 3, {.order = 0}), HasSubstr("an order from 1 to 6, got 0"));
  EXPECT_THAT(error_of(good, 3, {.order = 7}), HasSubstr("an order from 1 to 6, got 7"));
  EXPECT_THAT(error_of(good, 3, {.context_count = -1}), HasSubstr("contexts from 0 on, got -1"));
  EXPECT_THAT(error_of(good, 2, {}), HasSubstr("labels from 1 to 1, got 2"));
  EXPECT_THAT(error_of({{0}}, 3, {}), HasSubstr("labels from 1 to 2, got 0"));
  EXPECT_THAT(error_of(good, 1, {}), HasSubstr("at least 1 label, got 1"));
  EXPECT_THAT(error_of({}, 3, {}), HasSubstr("label sequences, got 0"));
}

}  // namespace
}  // namespace harpy

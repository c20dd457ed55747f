#include "decoder/graph/compiler/grammar.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <vector>

#include "tests/decoder/graph/compiler/arpa_text.hpp"
#include "tests/decoder/graph/compiler/brute_force.hpp"

namespace harpy {
namespace {

constexpr const char* kUnigrams =
    "\\data\\\nngram 1=4\n\n\\1-grams:\n-99 <s>\n-0.5 </s>\n-0.25 A\n-inf B\n\n\\end\\\n";

/// Labels 1, 2, ... for the words of a model but its markers.
std::vector<std::int32_t> number_words(const Vocabulary& vocabulary) {
  std::vector<std::int32_t> labels(vocabulary.size());
  std::int32_t next = 1;
  for (WordId id = 0; id < vocabulary.size(); ++id) {
    const bool is_marker = id == vocabulary.sentence_start() || id == vocabulary.sentence_end() ||
                           id == vocabulary.unknown();
    if (!is_marker) labels[id] = next++;
  }
  return labels;
}

double least_cost(const GraphView& graph, std::int32_t state, std::span<const std::int32_t> words) {
  double least = words.empty() ? graph.final_cost[state] : kInfiniteCost;
  for (std::uint32_t i = graph.arc_begin[state]; i < graph.arc_begin[state + 1]; ++i) {
    const Arc& arc = graph.arcs[i];
    if (arc.input != 0 && (words.empty() || words[0] != arc.input)) continue;
    EXPECT_EQ(arc.input, arc.output);
    least = std::min(
        least, arc.cost + least_cost(graph, arc.target, words.subspan(arc.input == 0 ? 0 : 1)));
  }
  return least;
}

void expect_costs_of_model(const NgramModel& model, std::span<const std::int32_t> labels,
                           std::size_t most) {
  const DecodingGraph graph(make_grammar(model, labels));
  std::vector<WordId> sentence;
  std::vector<std::int32_t> words;
  const std::function<void()> visit = [&] {
    std::vector<WordId> ended = sentence;
    ended.push_back(model.vocabulary().sentence_end());
    const double expected =
        testing::least_model_cost(model, {model.vocabulary().sentence_start()}, ended);
    const double found = least_cost(graph.view(), graph.view().start, words);
    if (expected == kInfiniteCost) {
      ASSERT_EQ(found, expected);
    } else {
      ASSERT_NEAR(found, expected, 1e-5) << ::testing::PrintToString(words);
    }
    if (sentence.size() == most) return;
    for (WordId word = 0; word < labels.size(); ++word) {
      if (labels[word] == 0) continue;
      sentence.push_back(word);
      words.push_back(labels[word]);
      visit();
      sentence.pop_back();
      words.pop_back();
    }
  };
  visit();
}

TEST(Grammar, GivesEverySentenceTheCostOfTheModel) {
  const NgramModel model = testing::model_of(testing::kTrigrams);
  expect_costs_of_model(model, number_words(model.vocabulary()), 4);
}

TEST(Grammar, IsOneStateAndAStartForUnigrams) {
  const NgramModel model = testing::model_of(kUnigrams);
  expect_costs_of_model(model, number_words(model.vocabulary()), 3);
  EXPECT_EQ(make_grammar(model, number_words(model.vocabulary())).final_costs.size(), 2U);
}

TEST(Grammar, LeavesOutWordsWithoutALabelAndTheirNgrams) {
  const NgramModel model = testing::model_of(testing::kTrigrams);
  std::vector<std::int32_t> labels = number_words(model.vocabulary());
  labels[model.vocabulary().find("D")] = 0;
  expect_costs_of_model(model, labels, 4);
  for (const SourcedArc& arc : make_grammar(model, labels).arcs) {
    EXPECT_TRUE(arc.arc.input == 0 || std::count(labels.begin(), labels.end(), arc.arc.input) == 1);
  }
}

TEST(Grammar, HasAStateForEachContextThatPredictsAndAnEpsilonArcFromIt) {
  const NgramModel model = testing::model_of(testing::kTrigrams);
  const DecodingGraph graph(make_grammar(model, number_words(model.vocabulary())));
  // Empty, <s>, A, AD, D, <unk>; <s> A, A D, AD D.
  EXPECT_EQ(graph.view().state_count, 9);
  EXPECT_EQ(graph.view().epsilon_level_count, 3);
}

TEST(Grammar, RefusesLabelsOfAnotherVocabulary) {
  const NgramModel model = testing::model_of(kUnigrams);
  EXPECT_THROW(make_grammar(model, std::vector<std::int32_t>{0, 0}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

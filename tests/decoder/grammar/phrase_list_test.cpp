#include "decoder/grammar/phrase_list.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/decoder/grammar/sentence_cost.hpp"

namespace harpy {
namespace {

using testing::sentence_cost;

WordGrammar grammar_of(const std::vector<std::string>& phrases) {
  return make_phrase_grammar(phrases);
}

double probability(const WordGrammar& grammar, const std::string& sentence) {
  return std::exp(-static_cast<double>(sentence_cost(grammar, sentence)));
}

TEST(PhraseGrammar, IsTheBigramModelOfThePhrases) {
  // Each of the pairs (start, a), (a, b), (b, end) is seen once, so each single is 1/3: seen pairs
  // have 1 - 1/2 + 1/2 * 1/3 = 2/3, others 1/2 * 1/3.
  const WordGrammar grammar = grammar_of({"  a\tb "});
  EXPECT_NEAR(probability(grammar, "a b"), 8.0 / 27.0, 1e-6);
  EXPECT_NEAR(probability(grammar, "a"), 2.0 / 3.0 / 6.0, 1e-6);
  EXPECT_NEAR(probability(grammar, ""), 1.0 / 6.0, 1e-6);
  EXPECT_NEAR(probability(grammar, "b a"), 2.0 / 3.0 * std::pow(1.0 / 6.0, 3) * 1.5, 1e-6);
}

TEST(PhraseGrammar, ProbabilitiesBehindEachWordSumToOne) {
  const WordGrammar grammar = grammar_of({"turn it on", "turn it off", "on", "[unk]", "turn"});
  const auto state_count = static_cast<std::int32_t>(grammar.graph.final_costs.size());
  // Behind a word: its own arcs, which include what they get from below, and below what they have
  // not.
  const auto of_no_history = static_cast<std::size_t>(state_count) - 1;
  double sum = std::exp(-grammar.graph.final_costs[of_no_history]);
  for (const SourcedArc& arc : grammar.graph.arcs) {
    if (arc.source == state_count - 1) sum += std::exp(-arc.arc.cost);
  }
  EXPECT_NEAR(sum, 1.0, 1e-6);
}

TEST(PhraseGrammar, WordsOfNoPhraseAreImpossible) {
  const WordGrammar grammar = grammar_of({"yes", "no"});
  EXPECT_FALSE(grammar.words.find("maybe"));
  EXPECT_LT(sentence_cost(grammar, "yes no yes"), kInfiniteCost);
}

TEST(PhraseGrammar, AListWithoutWordsIsRefused) {
  EXPECT_THROW(grammar_of({}), std::invalid_argument);
  EXPECT_THROW(grammar_of({"", "  "}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include "decoder/grammar/word_grammar.hpp"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/decoder/grammar/sentence_cost.hpp"

namespace harpy {
namespace {

using testing::sentence_cost;

/// A grammar of the words a and b whose epsilon arcs lead to later states only.
WordGrammar random_grammar(std::mt19937& random) {
  constexpr std::int32_t kStates = 5;
  WordGrammar grammar;
  for (std::int32_t state = 0; state < kStates; ++state) {
    grammar.add_state();
    if (random() % 3 == 0) {
      grammar.graph.final_costs.back() = static_cast<float>(random() % 5);
    }
  }
  const std::int32_t words[] = {0, grammar.word("a"), grammar.word("b")};
  for (int i = 0; i < 12; ++i) {
    const auto source = static_cast<std::int32_t>(random() % kStates);
    const auto target = static_cast<std::int32_t>(random() % kStates);
    const std::int32_t word = words[random() % 3];
    if (word == 0 && target <= source) continue;
    grammar.add_arc(source, target, word, static_cast<float>(random() % 8));
  }
  return grammar;
}

TEST(WordGrammar, SentencesCostTheSameWithoutEpsilons) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    const WordGrammar grammar = random_grammar(random);
    const WordGrammar without = remove_epsilons(grammar);
    for (const SourcedArc& arc : without.graph.arcs) EXPECT_NE(arc.arc.input, 0);
    for (const char* const sentence :
         {"", "a", "b", "a a", "a b", "b a", "b b", "a b a", "b b b"}) {
      EXPECT_EQ(sentence_cost(without, sentence), sentence_cost(grammar, sentence)) << sentence;
    }
  }
}

TEST(WordGrammar, EpsilonCyclesAreTakenOut) {
  WordGrammar grammar;
  grammar.add_state();
  grammar.add_state();
  grammar.add_arc(0, 1, 0, 1.0F);
  grammar.add_arc(1, 0, 0, 1.0F);
  grammar.add_arc(1, 1, grammar.word("a"), 0.5F);
  grammar.graph.final_costs[0] = 0.0F;
  const WordGrammar without = remove_epsilons(grammar);
  EXPECT_EQ(sentence_cost(without, ""), 0.0F);
  EXPECT_EQ(sentence_cost(without, "a a"), 3.0F);
}

}  // namespace
}  // namespace harpy

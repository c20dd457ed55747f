#include "decoder/graph/phrase_automaton.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>
#include <vector>

namespace harpy {
namespace {

using Words = std::vector<std::int32_t>;

/// What a sentence is given: the boost of each phrase, as often as it stands in the sentence.
float boosts_of(const Words& sentence, const std::vector<BoostedPhrase>& phrases) {
  float sum = 0.0F;
  for (const BoostedPhrase& phrase : phrases) {
    for (auto place = sentence.begin();; ++place) {
      place = std::search(place, sentence.end(), phrase.words.begin(), phrase.words.end());
      if (place == sentence.end()) break;
      sum += phrase.boost;
    }
  }
  return sum;
}

float cost_of(const Words& sentence, const PhraseView& phrases) {
  std::uint32_t node = 0;
  float cost = 0.0F;
  for (const std::int32_t word : sentence) {
    const PhraseStep step = phrases.step(node, static_cast<std::uint32_t>(word));
    node = step.node;
    cost += step.cost;
  }
  return cost + phrases.end_cost(node);
}

TEST(PhraseAutomaton, AnySentenceIsGivenTheBoostsOfItsPhrasesExactly) {
  std::mt19937 random(8);
  const auto draw_words = [&](std::size_t count) {
    Words words(count);
    for (std::int32_t& word : words) word = 1 + static_cast<std::int32_t>(random() % 3);
    return words;
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<BoostedPhrase> phrases;
    for (std::uint32_t count = random() % 8; count > 0; --count) {
      phrases.push_back({draw_words(1 + random() % 4), static_cast<float>(random() % 33) - 8.0F});
    }
    const PhraseAutomaton automaton(phrases);
    for (int i = 0; i < 20; ++i) {
      const Words sentence = draw_words(random() % 12);
      EXPECT_EQ(cost_of(sentence, automaton.view()), -boosts_of(sentence, phrases));
    }
  }
}

TEST(PhraseAutomaton, ABoostIsSpreadOverThePhraseAndTakenBackWhereItBreaksOff) {
  const std::vector<BoostedPhrase> phrases{{{1, 2, 3}, 15.0F}};
  const PhraseAutomaton automaton(phrases);
  const PhraseView view = automaton.view();
  const PhraseStep first = view.step(0, 1);
  EXPECT_EQ(first.cost, -5.0F);
  const PhraseStep second = view.step(first.node, 2);
  EXPECT_EQ(second.cost, -5.0F);
  EXPECT_EQ(view.end_cost(second.node), 10.0F);
  EXPECT_EQ(view.step(second.node, 3).cost, -5.0F);
  EXPECT_EQ(view.step(second.node, 9).cost, 10.0F);
  EXPECT_EQ(view.step(second.node, 9).node, 0U);
  EXPECT_EQ(view.step(second.node, 1).cost, 5.0F);  // a new beginning
  EXPECT_EQ(view.step(second.node, 1).node, first.node);
}

TEST(PhraseAutomaton, ASmallBoostIsGivenByTheLastWords) {
  const std::vector<BoostedPhrase> phrases{{{1, 2, 3}, 6.0F}, {{4, 5}, 4.0F}};
  const PhraseAutomaton automaton(phrases);
  const PhraseView view = automaton.view();
  const PhraseStep first = view.step(0, 1);
  EXPECT_EQ(first.cost, 0.0F);
  const PhraseStep second = view.step(first.node, 2);
  EXPECT_EQ(second.cost, -2.0F);
  EXPECT_EQ(view.step(second.node, 3).cost, -4.0F);
  EXPECT_EQ(view.step(0, 4).cost, 0.0F);
  EXPECT_EQ(view.step(view.step(0, 4).node, 5).cost, -4.0F);
}

TEST(PhraseAutomaton, ALossIsTakenAtTheLastWord) {
  const std::vector<BoostedPhrase> phrases{{{1, 2}, -3.0F}};
  const PhraseAutomaton automaton(phrases);
  EXPECT_EQ(automaton.view().step(0, 1).cost, 0.0F);
  EXPECT_EQ(automaton.view().step(automaton.view().step(0, 1).node, 2).cost, 3.0F);
}

TEST(PhraseAutomaton, WhereNoPhraseGoesOnNothingIsRemembered) {
  const std::vector<BoostedPhrase> phrases{{{1}, 3.0F}, {{2, 3}, 4.0F}, {{4, 2}, 5.0F}};
  const PhraseAutomaton automaton(phrases);
  const PhraseView view = automaton.view();
  EXPECT_EQ(view.step(0, 1).node, 0U);
  EXPECT_EQ(view.step(0, 1).cost, -3.0F);
  const PhraseStep second = view.step(0, 2);
  EXPECT_NE(second.node, 0U);
  EXPECT_EQ(view.step(second.node, 3).node, 0U);
  // The second phrase may begin with the last word of the third.
  const PhraseStep third = view.step(view.step(0, 4).node, 2);
  EXPECT_EQ(third.node, second.node);
  EXPECT_EQ(third.cost, -4.0F);
}

TEST(PhraseAutomaton, WhatBeginsNoPhraseCostsNothingOutsideOfPhrases) {
  const std::vector<BoostedPhrase> phrases{{{1}, 3.0F}, {{33, 2}, 4.0F}, {{64, 33}, -5.0F}};
  const PhraseAutomaton automaton(phrases);
  const PhraseView view = automaton.view();
  EXPECT_FALSE(view.begins_with(0));
  for (std::uint32_t word = 1; word < 200; ++word) {
    EXPECT_EQ(view.begins_with(word), word == 1 || word == 33 || word == 64) << word;
    if (view.begins_with(word)) continue;
    EXPECT_EQ(view.step(0, word).node, 0U);
    EXPECT_EQ(view.step(0, word).cost, 0.0F);
  }
  EXPECT_FALSE(PhraseAutomaton({}).view().begins_with(1));
  EXPECT_FALSE(PhraseView{}.begins_with(1));
}

TEST(PhraseAutomaton, ManyPhrasesFindTheirPlaces) {
  std::vector<BoostedPhrase> phrases;
  for (std::int32_t word = 1; word <= 3000; ++word) {
    phrases.push_back({{word, word % 7 + 1, word}, 3.0F});
  }
  const PhraseAutomaton automaton(phrases);
  for (const BoostedPhrase& phrase : phrases) {
    EXPECT_EQ(cost_of(phrase.words, automaton.view()), -boosts_of(phrase.words, phrases));
  }
}

TEST(PhraseAutomaton, RefusesWhatIsNoPhrase) {
  const auto make = [](const BoostedPhrase& phrase) { PhraseAutomaton(std::span(&phrase, 1)); };
  EXPECT_THROW(make({{}, 1.0F}), std::invalid_argument);
  EXPECT_THROW(make({{1, 0}, 1.0F}), std::invalid_argument);
  EXPECT_THROW(make({{1}, std::numeric_limits<float>::infinity()}), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

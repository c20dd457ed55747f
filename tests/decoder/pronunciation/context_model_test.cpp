#include "decoder/pronunciation/context_model.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace harpy {
namespace {

/// Words of the letters a to d. The group of "a" is 2 before "b" and 1 elsewhere, that of "c" the
/// number of the group before it, and at the word's beginning 5; others have one group.
std::vector<AlignedWord> made_words(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<AlignedWord> words(count);
  for (AlignedWord& word : words) {
    for (std::size_t length = 2 + random() % 6; length > 0; --length) {
      word.letters += static_cast<char>('a' + random() % 4);
    }
    for (std::size_t i = 0; i < word.letters.size(); ++i) {
      switch (word.letters[i]) {
        case 'a':
          word.groups.push_back(word.letters[i + 1] == 'b' ? 2 : 1);
          break;
        case 'c':
          word.groups.push_back(i == 0 ? 5 : word.groups.back());
          break;
        default:
          word.groups.push_back(3);
      }
    }
  }
  return words;
}

TEST(ContextModel, LearnsFromLettersOnBothSidesAndFromGroupsBefore) {
  const ContextModel model(made_words(2000, 1));
  for (const AlignedWord& word : made_words(200, 2)) {
    const double right = model.log_probability(word);
    EXPECT_GT(right, std::log(0.5)) << word.letters;
    for (std::size_t i = 0; i < word.letters.size(); ++i) {
      if (word.letters[i] != 'a') continue;
      AlignedWord wrong = word;
      wrong.groups[i] = 3 - word.groups[i];
      EXPECT_LT(model.log_probability(wrong), right) << word.letters;
    }
  }
}

TEST(ContextModel, TheGroupsOfAWordHaveProbabilitiesThatSumToOne) {
  const ContextModel model(made_words(50, 3));
  double sum = 0.0;
  for (const std::size_t first : {1U, 2U}) {
    for (const std::size_t second : {1U, 2U, 3U, 5U}) {
      for (const std::size_t third : {1U, 2U}) {
        const double value = model.log_probability({"aca", {first, second, third}});
        if (std::isfinite(value)) sum += std::exp(value);
      }
    }
  }
  EXPECT_NEAR(sum, 1.0, 1e-5);
}

TEST(ContextModel, GivesNothingToGroupsThatALetterNeverHad) {
  const ContextModel model(made_words(50, 4));
  constexpr double kNever = -std::numeric_limits<double>::infinity();
  EXPECT_EQ(model.log_probability({"ab", {3, 3}}), kNever);
  EXPECT_EQ(model.log_probability({"z", {3}}), kNever);
}

TEST(ContextModel, LearnsTheSameFromTheSameWords) {
  const std::vector<AlignedWord> words = made_words(300, 5);
  const ContextModel first(words);
  const ContextModel second(words);
  for (const AlignedWord& word : words) {
    EXPECT_EQ(first.log_probability(word), second.log_probability(word));
  }
}

TEST(AlignedWord, IsReadFromItsEnd) {
  const AlignedWord reversed = AlignedWord{"abc", {1, 2, 3}}.reversed();
  EXPECT_EQ(reversed.letters, "cba");
  EXPECT_EQ(reversed.groups, (std::vector<std::size_t>{3, 2, 1}));
}

}  // namespace
}  // namespace harpy

#include "tools/score/word_errors.hpp"

#include <random>

#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

ErrorCounts errors_between(std::string_view reference, std::string_view hypothesis) {
  const auto reference_words = split_words(reference);
  const auto hypothesis_words = split_words(hypothesis);
  return count_errors(align_words(reference_words, hypothesis_words));
}

/// The least total weight of all ways to edit, by trying every one.
int brute_force_cost(std::span<const std::string> reference,
                     std::span<const std::string> hypothesis) {
  if (reference.empty()) return 3 * static_cast<int>(hypothesis.size());
  if (hypothesis.empty()) return 3 * static_cast<int>(reference.size());
  const int pair = reference[0] == hypothesis[0] ? 0 : 4;
  return std::min({pair + brute_force_cost(reference.subspan(1), hypothesis.subspan(1)),
                   3 + brute_force_cost(reference.subspan(1), hypothesis),
                   3 + brute_force_cost(reference, hypothesis.subspan(1))});
}

TEST(WordErrors, EqualTextsHaveNone) {
  EXPECT_EQ(errors_between("A B C", "A B C").errors(), 0);
  EXPECT_EQ(errors_between("", "").error_rate_percent(), 0.0);
}

TEST(WordErrors, EachKindIsCounted) {
  const ErrorCounts counts = errors_between("A B C D", "A X C D E");
  EXPECT_EQ(counts.reference_words, 4);
  EXPECT_EQ(counts.substitutions, 1);
  EXPECT_EQ(counts.insertions, 1);
  EXPECT_EQ(counts.deletions, 0);
  EXPECT_DOUBLE_EQ(counts.error_rate_percent(), 50.0);
}

TEST(WordErrors, EmptyHypothesisIsAllDeletions) {
  EXPECT_EQ(errors_between("A B C", "").deletions, 3);
  EXPECT_EQ(errors_between("", "A B").insertions, 2);
}

TEST(WordErrors, AlignmentsHaveTheLeastWeightOfAll) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const auto draw = [&] {
      std::vector<std::string> words(random() % 6);
      for (std::string& word : words) word = std::string(1, static_cast<char>('A' + random() % 3));
      return words;
    };
    const auto reference = draw();
    const auto hypothesis = draw();
    const ErrorCounts counts = count_errors(align_words(reference, hypothesis));
    EXPECT_EQ(4 * counts.substitutions + 3 * (counts.deletions + counts.insertions),
              brute_force_cost(reference, hypothesis));
    EXPECT_EQ(counts.reference_words, static_cast<std::int64_t>(reference.size()));
  }
}

TEST(WordErrors, SplitIgnoresRunsOfSpace) {
  EXPECT_EQ(split_words("  A\tB \r\n"), (std::vector<std::string>{"A", "B"}));
  EXPECT_TRUE(split_words(" \n").empty());
}

}  // namespace
}  // namespace harpy::tools

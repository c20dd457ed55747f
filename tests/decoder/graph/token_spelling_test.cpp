#include "decoder/graph/token_spelling.hpp"

#include <algorithm>
#include <functional>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// The spellings of a word as text, tokens separated by blanks.
std::vector<std::string> spellings(const std::string& word, const std::vector<std::string>& tokens,
                                   std::size_t most = 100) {
  const Lexicon lexicon =
      spell_in_tokens(std::vector<std::string>{word}, tokens, {.most_spellings = most});
  std::vector<std::string> texts;
  for (const Lexicon::Pronunciation& spelling : lexicon.pronunciations(word)) {
    std::string& text = texts.emplace_back();
    for (const std::int32_t label : spelling) {
      text += (text.empty() ? "" : " ") + lexicon.labels().name(label);
    }
  }
  return texts;
}

TEST(TokenSpelling, LettersSpellAWordInOneWay) {
  EXPECT_THAT(spellings("tea", {"a", "e", "t", "|"}), ElementsAre("t e a"));
  EXPECT_THAT(spellings("\xC3\xA9t\xC3\xA9", {"t", "\xC3\xA9"}),
              ElementsAre("\xC3\xA9 t \xC3\xA9"));
}

TEST(TokenSpelling, PiecesBeginWithTheMarkAndTheFewestComeFirst) {
  const std::vector<std::string> pieces{
      "\xE2\x96\x81", "\xE2\x96\x81te", "\xE2\x96\x81t", "ea", "e", "a", "te", "tea"};
  EXPECT_THAT(spellings("tea", pieces),
              ElementsAre("\xE2\x96\x81te a", "\xE2\x96\x81t ea", "\xE2\x96\x81 tea",
                          "\xE2\x96\x81t e a", "\xE2\x96\x81 te a"));
  EXPECT_THAT(spellings("tea", pieces, 2), ElementsAre("\xE2\x96\x81te a", "\xE2\x96\x81t ea"));
}

TEST(TokenSpelling, WordsThatCannotBeSpelledAreLeftOut) {
  const Lexicon lexicon = spell_in_tokens(std::vector<std::string>{"ab", "abc", "ba"}, {"a", "b"});
  EXPECT_THAT(lexicon.words(), ElementsAre("ab", "ba"));
  EXPECT_THAT(lexicon.labels().names(), ElementsAre("<blank>", "a", "b"));
}

TEST(TokenSpelling, AreThoseOfEnumeration) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> tokens;
    for (int i = 0; i < 6; ++i) {
      std::string token;
      for (std::size_t length = 1 + random() % 3; length > 0; --length) token += "ab"[random() % 2];
      if (std::ranges::find(tokens, token) == tokens.end()) tokens.push_back(token);
    }
    std::string word;
    for (std::size_t length = 1 + random() % 8; length > 0; --length) word += "ab"[random() % 2];
    std::vector<std::vector<std::string>> all;
    std::vector<std::string> begun;
    const std::function<void(std::size_t)> extend = [&](std::size_t place) {
      if (place == word.size()) all.push_back(begun);
      for (const std::string& token : tokens) {
        if (word.compare(place, token.size(), token) != 0) continue;
        begun.push_back(token);
        extend(place + token.size());
        begun.pop_back();
      }
    };
    extend(0);
    std::ranges::sort(all, [](const auto& a, const auto& b) {
      if (a.size() != b.size()) return a.size() < b.size();
      for (std::size_t i = 0; i < a.size(); ++i) {
        if (a[i].size() != b[i].size()) return a[i].size() > b[i].size();
      }
      return false;
    });
    std::vector<std::string> expected;
    for (std::size_t i = 0; i < std::min<std::size_t>(all.size(), 4); ++i) {
      std::string& text = expected.emplace_back();
      for (const std::string& token : all[i]) text += (text.empty() ? "" : " ") + token;
    }
    EXPECT_EQ(spellings(word, tokens, 4), expected) << word;
  }
}

}  // namespace
}  // namespace harpy

#include "tools/train/transcript_labels.hpp"

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class TrainTranscripts : public ::testing::Test {
 protected:
  TrainTranscripts() : lexicon_(read_lexicon()) {}

  Lexicon read_lexicon() const {
    const auto path = directory_.path() / "lexicon.dict";
    std::ofstream(path) << "ba B A\nba(2) A B\nab A B\nbab B A B\n";
    return Lexicon::read(path);
  }
  std::string text_of(const std::filesystem::path& path) const {
    std::ifstream stream(path);
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  std::filesystem::path guesses() const { return directory_.path() / "guessed.dict"; }

  harpy::testing::TemporaryDirectory directory_;
  Lexicon lexicon_;
};

TEST_F(TrainTranscripts, EachWordGetsItsFirstPronunciation) {
  TranscriptLabels reader(lexicon_, UnknownWords::kRefuse);
  EXPECT_THAT(reader.labels("BA AB"), ElementsAre(2, 1, 1, 2));
  EXPECT_THAT(reader.labels("  BA\t BA "), ElementsAre(2, 1, 2, 1));
  EXPECT_THAT(reader.labels(" "), IsEmpty());
  EXPECT_EQ(reader.unknown_count(), 0U);
}

TEST_F(TrainTranscripts, UnknownWordsAreRefusedByName) {
  TranscriptLabels reader(lexicon_, UnknownWords::kRefuse);
  EXPECT_THAT([&] { reader.labels("BA ABBA"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("not in the lexicon: ABBA")));
}

TEST_F(TrainTranscripts, UnknownWordsAreGuessedAndListed) {
  TranscriptLabels reader(lexicon_, UnknownWords::kGuess);
  EXPECT_THAT(reader.labels("ABBA BA ABBA"), ElementsAre(1, 2, 2, 1, 2, 1, 1, 2, 2, 1));
  EXPECT_THAT(reader.labels("AA"), ElementsAre(1, 1));
  EXPECT_EQ(reader.unknown_count(), 2U);
  reader.write_unknown(guesses());
  EXPECT_EQ(text_of(guesses()), "AA A A\nABBA A B B A\n");
}

TEST_F(TrainTranscripts, WhatCannotBeGuessedIsRefusedByName) {
  TranscriptLabels reader(lexicon_, UnknownWords::kGuess);
  EXPECT_THAT([&] { reader.labels("BA ZEBRA"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("cannot be pronounced: ZEBRA")));
  EXPECT_EQ(reader.unknown_count(), 0U);
  reader.write_unknown(guesses());
  EXPECT_EQ(text_of(guesses()), "");
}

TEST_F(TrainTranscripts, WordsAreFoundInAnyCaseIfSoAsked) {
  TranscriptLabels reader(lexicon_, UnknownWords::kRefuse);
  EXPECT_THAT(reader.labels("ba Ab"), ElementsAre(2, 1, 1, 2));
  TranscriptLabels exact(lexicon_, UnknownWords::kRefuse, LetterCase::kKeep);
  EXPECT_THAT([&] { exact.labels("ba"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("not in the lexicon: ba")));
}

TEST_F(TrainTranscripts, UnknownWordsAreSpelledWithTheCharactersThereAre) {
  const std::vector<std::string> words{"BA",
                                       "\xC3\x9C"
                                       "B"};
  const Lexicon characters = Lexicon::spell(words);
  TranscriptLabels reader(characters, UnknownWords::kSpell);
  EXPECT_THAT(reader.labels("ba"), ElementsAre(2, 1));
  EXPECT_THAT(reader.labels("AB \xC3\x9C"), ElementsAre(1, 2, 3));
  EXPECT_EQ(reader.unknown_count(), 2U);
  EXPECT_THAT([&] { reader.labels("AB CAB"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("cannot be spelled: CAB")));
  EXPECT_THAT([&] { reader.labels("\xFF"); },
              ThrowsMessage<std::runtime_error>(HasSubstr("cannot be spelled")));
}

TEST_F(TrainTranscripts, SaysWhereGuessesCannotBeWritten) {
  const TranscriptLabels reader(lexicon_, UnknownWords::kGuess);
  EXPECT_THAT([&] { reader.write_unknown(directory_.path() / "no/folder"); },
              ThrowsMessage<std::runtime_error>(StartsWith(directory_.path().string())));
}

}  // namespace
}  // namespace harpy::tools

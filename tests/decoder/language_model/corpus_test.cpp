#include "decoder/language_model/corpus.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/decoder/language_model/reference_ngrams.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

TEST(CorpusOfSentences, MarksTheEndsOfEachSentence) {
  Vocabulary words;
  Corpus corpus;
  add_sentence(corpus, "YES  NO YES", words);
  add_sentence(corpus, " \t", words);
  add_sentence(corpus, "NO", words);
  const WordId start = words.sentence_start();
  const WordId end = words.sentence_end();
  const WordId yes = words.find("YES");
  const WordId no = words.find("NO");
  EXPECT_THAT(corpus.tokens, ElementsAre(start, yes, no, yes, end, start, no, end));
  EXPECT_EQ(corpus.sentence_count, 2U);
  EXPECT_EQ(corpus.word_count, 4U);
  std::vector<std::uint64_t> counts;
  add_word_counts(corpus, words.size(), counts);
  add_word_counts(corpus, words.size(), counts);
  EXPECT_EQ(counts[yes], 4U);
  EXPECT_EQ(counts[end], 4U);
}

TEST(CorpusOfSentences, RefusesMarkersAsWordsAndNamesTheLine) {
  const testing::TemporaryDirectory directory;
  testing::write_bytes(directory.path() / "text", "FINE\nNOT </s> FINE\n");
  TextLines lines(directory.path() / "text");
  Vocabulary words;
  Corpus corpus;
  EXPECT_THAT([&] { add_text(corpus, lines, words); },
              ThrowsMessage<std::runtime_error>(HasSubstr("text:2: the word </s> is reserved")));
}

TEST(CorpusOfSentences, IsRenumberedWithUnknownWords) {
  Vocabulary words;
  Corpus corpus;
  add_sentence(corpus, "YES NO", words);
  Corpus closed = corpus;
  Vocabulary small;
  for (const char* word : {"<s>", "NO", "</s>"}) small.add(word);
  renumber(closed, words, small);
  EXPECT_THAT(closed.tokens, ElementsAre(0, kNoWord, 1, 2));
  small.add("<unk>");
  renumber(corpus, words, small);
  EXPECT_THAT(corpus.tokens, ElementsAre(0, 3, 1, 2));
}

}  // namespace
}  // namespace harpy

#include "decoder/written/hidden_events.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/language_model/corpus.hpp"
#include "decoder/language_model/kneser_ney.hpp"
#include "decoder/language_model/ngram_counts.hpp"

namespace harpy {
namespace {

/// A model of a few sentences, of the words a, b and c.
NgramModel small_model(int order) {
  Corpus corpus;
  Vocabulary words;
  for (const char* sentence : {"a b , c .", "a b .", "¿ c a ? b .", "¿ b , a , c ?", "a a b .",
                               "c , b a .", "¿ b c a ?"}) {
    add_sentence(corpus, sentence, words);
  }
  std::vector<std::uint64_t> counts;
  add_word_counts(corpus, words.size(), counts);
  const Vocabulary vocabulary = select_vocabulary(words, counts, {});
  renumber(corpus, words, vocabulary);
  return estimate_kneser_ney(vocabulary, count_ngrams(corpus.tokens, vocabulary, order), {}).model;
}

/// Whether the sentence that begins with a word is a question, by the mark at its end; of one
/// without an end `otherwise`.
bool is_question(const std::vector<Mark>& marks, std::size_t begin, bool otherwise) {
  for (std::size_t i = begin; i < marks.size(); ++i) {
    if (ends_sentence(marks[i])) return marks[i] == Mark::kQuestionMark;
  }
  return otherwise;
}

/// How often a mark is among full stops and question marks, without any context.
double share_of_ends(const NgramModel& model, Mark mark) {
  const auto frequency = [&](Mark end) {
    const std::string_view text = kMarkTexts[static_cast<std::size_t>(end)];
    return std::exp(static_cast<double>(model.log_probability({}, model.vocabulary().find(text))));
  };
  return frequency(mark) / (frequency(Mark::kFullStop) + frequency(Mark::kQuestionMark));
}

/// The logarithm of the probability of words with marks, from <s> to </s>, scores included; a last
/// sentence without an end is a question or not.
double score_of(const NgramModel& model, const std::vector<EventSlot>& slots,
                const std::vector<Mark>& marks, bool last_is_question) {
  std::vector<WordId> said{model.vocabulary().sentence_start()};
  double score = 0.0;
  const auto say = [&](WordId word) {
    score += model.log_probability(said, word);
    said.push_back(word);
  };
  const auto begin_sentence = [&](std::size_t begin) {
    if (is_question(marks, begin, last_is_question)) say(model.vocabulary().find(kQuestionStart));
  };
  begin_sentence(0);
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto mark = static_cast<std::size_t>(marks[i]);
    if (!slots[i].is_open && marks[i] != (slots[i].has_comma ? Mark::kComma : Mark::kNone)) {
      return -std::numeric_limits<double>::infinity();
    }
    say(model.vocabulary().find_or_unknown(slots[i].word));
    score += slots[i].scores[mark];
    if (mark != 0) say(model.vocabulary().find(kMarkTexts[mark]));
    if (ends_sentence(marks[i])) score -= std::log(share_of_ends(model, marks[i]));
    if (ends_sentence(marks[i])) begin_sentence(i + 1);
  }
  say(model.vocabulary().sentence_end());
  return score;
}

double score_of(const NgramModel& model, const std::vector<EventSlot>& slots,
                const std::vector<Mark>& marks) {
  return std::max(score_of(model, slots, marks, false), score_of(model, slots, marks, true));
}

TEST(HiddenEvents, AreTheBestOfAllSequences) {
  std::mt19937 random(5);
  const std::vector<std::string> words{"a", "b", "c", "unknown"};
  for (int round = 0; round < 60; ++round) {
    const NgramModel model = small_model(1 + round % 4);
    std::vector<EventSlot> slots(1 + random() % 5);
    for (EventSlot& slot : slots) {
      slot.word = words[random() % words.size()];
      for (float& score : slot.scores) score = static_cast<float>(random() % 1000) / 400.0F;
      slot.is_open = random() % 5 != 0;
      slot.has_comma = random() % 2 == 0;
    }
    double best = -std::numeric_limits<double>::infinity();
    std::size_t sequence_count = 1;
    for (std::size_t i = 0; i < slots.size(); ++i) sequence_count *= kMarkCount;
    for (std::size_t sequence = 0; sequence < sequence_count; ++sequence) {
      std::vector<Mark> marks;
      for (std::size_t rest = sequence; marks.size() < slots.size(); rest /= kMarkCount) {
        marks.push_back(static_cast<Mark>(rest % kMarkCount));
      }
      best = std::max(best, score_of(model, slots, marks));
    }
    const std::vector<Mark> found = likeliest_marks(model, slots);
    ASSERT_EQ(found.size(), slots.size());
    EXPECT_NEAR(score_of(model, slots, found), best, 1e-4);
  }
}

TEST(HiddenEvents, OfNoWordsAreNone) { EXPECT_TRUE(likeliest_marks(small_model(2), {}).empty()); }

TEST(HiddenEvents, NeedAModelOfMarks) {
  Corpus corpus;
  Vocabulary words;
  add_sentence(corpus, "a b , .", words);
  words.add("<unk>");
  const NgramModel model =
      estimate_kneser_ney(words, count_ngrams(corpus.tokens, words, 1), {}).model;
  EXPECT_THROW(likeliest_marks(model, {}), std::invalid_argument);  // there is no question mark
}

}  // namespace
}  // namespace harpy

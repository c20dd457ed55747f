#include "decoder/language_model/mapped_ngram.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <string>
#include <vector>

#include "decoder/language_model/codebook.hpp"
#include "tests/decoder/language_model/reference_ngrams.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using testing::Ngram;
using ::testing::ThrowsMessage;

/// A model that lacks some n-grams whose longer ones it holds, as pruned ones do.
NgramModel thinned_model(std::mt19937& random, int order, bool has_unknown) {
  const auto text = testing::number_text(testing::random_sentences(random, 600, 60),
                                         {.has_unknown = has_unknown});
  NgramModel model = testing::model_of(text, order);
  std::vector<std::vector<bool>> keep{std::vector<bool>(model.level(1).size(), true)};
  for (int n = 2; n <= order; ++n) {
    std::vector<bool>& kept = keep.emplace_back(model.level(n).size(), false);
    const std::vector<std::uint32_t>& first_child = model.level(n - 1).first_child;
    for (std::size_t context = 0; context + 1 < first_child.size(); ++context) {
      for (std::size_t i = first_child[context]; i < first_child[context + 1]; ++i) {
        kept[i] = keep[static_cast<std::size_t>(n) - 2][context] && random() % 4 != 0;
      }
    }
  }
  model.keep_only(keep);
  model.normalize_backoffs();
  return model;
}

/// The model with all values as codebooks give them back.
NgramModel quantised(const NgramModel& model, std::size_t max_entries) {
  std::vector<NgramLevel> levels;
  for (int n = 1; n <= model.order(); ++n) {
    NgramLevel& level = levels.emplace_back(model.level(n));
    for (std::vector<float>* values : {&level.log_probabilities, &level.log_backoffs}) {
      const Codebook codebook(*values, max_entries);
      for (float& value : *values) value = codebook.entries()[codebook.code(value)];
    }
  }
  return {model.vocabulary(), std::move(levels)};
}

class MappedNgram : public ::testing::Test {
 protected:
  MappedNgramModel write_and_map(const NgramModel& model, int bits) const {
    write_mapped_ngram(model, path_, bits);
    return MappedNgramModel(path_);
  }

  /// Walks random sentences, with words that the model lacks among them, through both.
  static void expect_same(const MappedNgramModel& mapped, const NgramModel& model,
                          std::mt19937& random) {
    const Vocabulary& words = model.vocabulary();
    for (int sentence = 0; sentence < 50; ++sentence) {
      Ngram history{words.sentence_start()};
      NgramContext context = mapped.start();
      for (int i = 0; i < 12; ++i) {
        const bool is_new = random() % 8 == 0;
        const auto word = is_new ? kNoWord : static_cast<WordId>(random() % words.size());
        const WordId known = is_new ? words.unknown() : word;
        const NgramStep step = mapped.step(context, word);
        ASSERT_EQ(step.cost, known == kNoWord ? std::numeric_limits<float>::infinity()
                                              : -model.log_probability(history, known));
        history.push_back(known);
        context = step.next;
        ASSERT_EQ(mapped.final_cost(context),
                  -model.log_probability(history, words.sentence_end()));
      }
    }
  }

  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "model.ngram";
};

TEST_F(MappedNgram, PredictsAsTheModelDoes) {
  std::mt19937 random(1);
  for (int order = 1; order <= 5; ++order) {
    for (const bool has_unknown : {false, true}) {
      const NgramModel model = thinned_model(random, order, has_unknown);
      const MappedNgramModel mapped = write_and_map(model, 16);
      EXPECT_EQ(mapped.order(), order);
      EXPECT_EQ(mapped.ngram_count(), model.ngram_count());
      expect_same(mapped, model, random);
    }
  }
}

TEST_F(MappedNgram, OfEightBitsHasTheValuesOfTheCodebooks) {
  std::mt19937 random(2);
  const NgramModel model = thinned_model(random, 4, false);
  const NgramModel rounded = quantised(model, 256);
  EXPECT_NE(model.level(3).log_probabilities, rounded.level(3).log_probabilities);
  expect_same(write_and_map(model, 8), rounded, random);
}

TEST_F(MappedNgram, KnowsItsWordsByName) {
  std::mt19937 random(3);
  const NgramModel model = thinned_model(random, 2, true);
  const MappedNgramModel mapped = write_and_map(model, 16);
  ASSERT_EQ(mapped.word_count(), model.vocabulary().size());
  for (WordId word = 0; word < mapped.word_count(); ++word) {
    EXPECT_EQ(mapped.word(word), model.vocabulary().word(word));
    EXPECT_EQ(mapped.find(mapped.word(word)), word);
  }
  EXPECT_EQ(mapped.find(""), kNoWord);
  EXPECT_EQ(mapped.find("W"), kNoWord);
  EXPECT_EQ(mapped.find("ZZZ"), kNoWord);
}

TEST_F(MappedNgram, ContextsAreEqualWhereTheModelHoldsNothingOfTheirDifference) {
  // Words <s>, </s>, A, B; bigrams <s> A and A B.
  Vocabulary words;
  for (const char* word : {"<s>", "</s>", "A", "B"}) words.add(word);
  const NgramModel model(
      words,
      {{{0, 1, 2, 3}, {-9.0F, -1.0F, -2.0F, -3.0F}, {-0.1F, 0.0F, 0.0F, 0.0F}, {0, 1, 1, 2, 2}},
       {{2, 3}, {-0.5F, -0.6F}, {}, {}}});
  const MappedNgramModel mapped = write_and_map(model, 8);
  const NgramContext empty;
  const NgramContext after_a = mapped.step(mapped.start(), 2).next;
  EXPECT_NE(mapped.start(), empty);
  EXPECT_NE(after_a, empty);
  EXPECT_EQ(mapped.step(empty, 2).next, after_a);
  EXPECT_EQ(mapped.step(after_a, 3).next, empty);
  EXPECT_EQ(mapped.step(after_a, 3).cost, 0.6F);
  EXPECT_EQ(mapped.step(mapped.start(), 3).cost, 3.1F);
  EXPECT_EQ(mapped.final_cost(after_a), 1.0F);
}

TEST_F(MappedNgram, EveryTruncationAndEveryChangedByteIsRefused) {
  Vocabulary words;
  for (const char* word : {"<s>", "</s>", "A"}) words.add(word);
  const NgramModel model(words, {{{0, 1, 2}, {-9.0F, -1.0F, -2.0F}, {-0.1F, 0, 0}, {0, 1, 1, 1}},
                                 {{2}, {-0.5F}, {}, {}}});
  write_mapped_ngram(model, path_, 16);
  const std::string bytes = testing::bytes_of(path_);
  const auto expect_refused = [&](const std::string& changed) {
    testing::write_bytes(path_, changed);
    EXPECT_THAT([&] { MappedNgramModel mapped(path_); },
                ThrowsMessage<std::runtime_error>(HasSubstr("model.ngram: ")));
  };
  for (std::size_t size = 0; size < bytes.size(); ++size) expect_refused(bytes.substr(0, size));
  expect_refused(bytes + '\0');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string changed = bytes;
    changed[i] = static_cast<char>(changed[i] ^ (1 << (i % 8)));
    expect_refused(changed);
  }
}

TEST_F(MappedNgram, WrongContentIsRefusedOrHarmlessThoughTheChecksumIsRight) {
  std::mt19937 random(4);
  const NgramModel model = thinned_model(random, 3, false);
  write_mapped_ngram(model, path_, 8);
  const SectionFile good(path_, kMappedNgramFormat);
  std::vector<SectionKind> kinds;
  for (std::uint32_t kind = 0; kind < 64; ++kind) {
    if (good.contains(SectionKind{kind})) kinds.push_back(SectionKind{kind});
  }
  const std::filesystem::path changed = directory_.path() / "changed.ngram";
  int refused = 0;
  for (const SectionKind kind : kinds) {
    const auto original = good.section<std::byte>(kind);
    for (int round = 0; round < 12; ++round) {
      std::vector<std::byte> bytes(original.begin(), original.end());
      bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      if (round % 10 == 0) bytes.pop_back();
      if (round % 10 == 1) bytes.resize(bytes.size() + 12);
      std::vector<Section> sections;
      for (const SectionKind other : kinds) {
        sections.push_back({other, other == kind ? bytes : good.section<std::byte>(other)});
      }
      write_section_file(changed, kMappedNgramFormat, sections);
      try {
        const MappedNgramModel mapped(changed);
        NgramContext context = mapped.start();
        for (int i = 0; i < 100; ++i) {
          context = mapped.step(context, static_cast<WordId>(random() % mapped.word_count())).next;
          mapped.final_cost(context);
        }
      } catch (const std::runtime_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("changed.ngram: "));
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, 40);
}

TEST_F(MappedNgram, ForeignFilesAreRefused) {
  testing::write_bytes(path_, "\\data\\\nngram 1=3\n\n\\end\\\n");
  EXPECT_THAT([&] { MappedNgramModel mapped(path_); },
              ThrowsMessage<std::runtime_error>(HasSubstr("not a n-gram file of Harpy")));
  EXPECT_THROW(MappedNgramModel(directory_.path() / "absent"), std::runtime_error);
}

TEST_F(MappedNgram, WhatItCannotHoldIsRefused) {
  std::mt19937 random(5);
  const NgramModel model = thinned_model(random, 2, false);
  EXPECT_THROW(write_mapped_ngram(model, path_, 12), std::invalid_argument);
  EXPECT_THROW(write_mapped_ngram(thinned_model(random, 9, false), path_, 8),
               std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include "decoder/language_model/arpa.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "tests/decoder/language_model/reference_ngrams.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::Ngram;
using ::testing::ThrowsMessage;

constexpr std::string_view kSmall =
    "Made by hand.\n"
    "\\data\\\n"
    "ngram 1=4\n"
    "ngram 2=3\n"
    "ngram 3=2\n"
    "\n"
    "\\1-grams:\n"
    "-99\t<s>\t-0.5\n"
    "-1\t</s>\n"
    "-0.25\tB\t-0.125\n"
    "-2\tA\t0\n"
    "\n"
    "\\2-grams:\n"
    "-0.5\tA B\t-0.25\n"
    "-0.75\t<s> A\t0.5\n"
    "-0.875\t<s> B\n"
    "\n"
    "\\3-grams:\n"
    "-0.125 <s> A B\n"
    "-0.25\t<s>  A A\n"
    "\n"
    "\\end\\\n";

class ArpaFile : public ::testing::Test {
 protected:
  std::filesystem::path path(const std::string& name) const { return directory_.path() / name; }

  NgramModel read(std::string_view text) const {
    testing::write_bytes(path("a.arpa"), text);
    return read_arpa(path("a.arpa"));
  }

  /// Reads the small model with `found` replaced.
  NgramModel read_changed(std::string_view found, std::string_view replacement) const {
    std::string text(kSmall);
    const std::size_t place = text.find(found);
    EXPECT_NE(place, std::string::npos) << found;
    return read(text.replace(place, found.size(), replacement));
  }

  void expect_refused(std::string_view found, std::string_view replacement,
                      const char* message) const {
    EXPECT_THAT([&] { read_changed(found, replacement); },
                ThrowsMessage<std::runtime_error>(HasSubstr(message)))
        << replacement;
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(ArpaFile, IsReadInAnyOrderOfItsNgrams) {
  const NgramModel model = read(kSmall);
  const Vocabulary& words = model.vocabulary();
  const WordId a = words.find("A");
  const WordId b = words.find("B");
  const WordId start = words.sentence_start();
  const auto base_10 = [&](const Ngram& context, WordId word) {
    return static_cast<double>(model.log_probability(context, word)) / std::log(10.0);
  };
  EXPECT_EQ(model.ngram_count(), 9U);
  EXPECT_EQ(model.log_probability({}, start), -std::numeric_limits<float>::infinity());
  EXPECT_NEAR(base_10({}, b), -0.25, 1e-6);
  EXPECT_NEAR(base_10({a}, b), -0.5, 1e-6);
  EXPECT_NEAR(base_10({start, a}, b), -0.125, 1e-6);
  EXPECT_NEAR(base_10({start, a}, a), -0.25, 1e-6);
  EXPECT_NEAR(base_10({start, a}, words.sentence_end()), 0.5 + 0.0 - 1.0, 1e-6);
  EXPECT_NEAR(base_10({b, b}, a), -0.125 - 2.0, 1e-6);
}

TEST_F(ArpaFile, ComesOutTheSameWhenReadAndWrittenAgain) {
  std::mt19937 random(1);
  const auto sentences = testing::random_sentences(random, 2000, 300);
  for (int order = 1; order <= 4; ++order) {
    const NgramModel model = testing::model_of(testing::number_text(sentences), order);
    for (int decimals = 1; decimals <= kMaxArpaDecimals; ++decimals) {
      write_arpa(model, path("first.arpa"), decimals);
      const NgramModel again = read_arpa(path("first.arpa"));
      write_arpa(again, path("second.arpa"), decimals);
      EXPECT_EQ(testing::bytes_of(path("first.arpa")), testing::bytes_of(path("second.arpa")));
      ASSERT_EQ(again.ngram_count(), model.ngram_count());
      for (int n = 1; n <= order; ++n) {
        EXPECT_EQ(again.level(n).words, model.level(n).words);
        EXPECT_EQ(again.level(n).first_child, model.level(n).first_child);
        for (std::size_t i = 0; i < model.level(n).size(); ++i) {
          if (n == 1 && i == model.vocabulary().sentence_start()) continue;
          ASSERT_NEAR(again.level(n).log_probabilities[i], model.level(n).log_probabilities[i],
                      2.4 * std::pow(10.0, -decimals));
        }
      }
    }
  }
}

TEST_F(ArpaFile, IsCompressedWhereItsNameSaysSo) {
  write_arpa(read(kSmall), path("b.arpa"));
  write_arpa(read(kSmall), path("b.arpa.gz"));
  EXPECT_EQ(testing::bytes_of(path("b.arpa.gz")).substr(0, 2), "\x1f\x8b");
  write_arpa(read_arpa(path("b.arpa.gz")), path("c.arpa"));
  EXPECT_EQ(testing::bytes_of(path("b.arpa")), testing::bytes_of(path("c.arpa")));
}

TEST_F(ArpaFile, ShowsZeroAsMinus99AndLeavesOutBackoffsOfOne) {
  write_arpa(read_changed("-1\t</s>", "-inf\t</s>\t-150"), path("b.arpa"));
  EXPECT_THAT(testing::bytes_of(path("b.arpa")),
              AllOf(HasSubstr("\n-99\t</s>\t-99\n"), HasSubstr("\n-2\tA\n"),
                    HasSubstr("\n-0.75\t<s> A\t0.5\n"), EndsWith("\n\n\\end\\\n")));
}

TEST_F(ArpaFile, MayHaveOrdersWithoutNgrams) {
  const NgramModel model = read(
      "\\data\\\nngram 1=2\nngram 2=0\n\n\\1-grams:\n-1\t<s>\n-1\t</s>\n\n\\2-grams:\n\\end\\\n");
  EXPECT_EQ(model.order(), 2);
  EXPECT_EQ(model.ngram_count(), 2U);
}

TEST_F(ArpaFile, IsRefusedWithFileAndLineWhereItIsMalformed) {
  expect_refused("\\data\\", "data", "a.arpa: has no line \\data\\");
  expect_refused("ngram 1=4", "ngram one=4", "a.arpa:3: expected \"ngram 1=COUNT\"");
  expect_refused("ngram 2=3", "ngram 3=3", "a.arpa:4: expected \"ngram 2=COUNT\"");
  expect_refused("ngram 2=3", "ngram 2=-3", "a.arpa:4:");
  expect_refused("ngram 2=3", "ngram 2=99999999999", "a.arpa:4: too many n-grams");
  expect_refused("ngram 2=3", "ngram 2=4000000000", "a.arpa:17:");
  expect_refused("ngram 1=4", "ngram 1=3", "expected 3 lines of 1-grams, got more");
  expect_refused("ngram 1=4", "ngram 1=5", "a.arpa:12: expected the logarithm of a probability");
  expect_refused("\\2-grams:", "\\3-grams:", "a.arpa:13: expected \\2-grams:");
  expect_refused("-1\t</s>", "nan\t</s>", "a.arpa:9: expected the logarithm of a probability");
  expect_refused("-1\t</s>", "0.1\t</s>", "a.arpa:9: expected the logarithm of a probability");
  expect_refused("-1\t</s>", "-1\t</s>\tx",
                 "a.arpa:9: expected the logarithm of a back-off weight");
  expect_refused("-1\t</s>", "-1\t</s>\tinf",
                 "a.arpa:9: expected the logarithm of a back-off weight");
  expect_refused("-1\t</s>", "-1\t</s>\t0\t0", "a.arpa:9: too many fields");
  expect_refused("-1\t</s>", "-1", "a.arpa:9: expected a word");
  expect_refused("-1\t</s>", "-1\tA", "a.arpa:11: the word \"A\" was met before");
  expect_refused("-1\t</s>", "-1\tC", "a.arpa: has no word </s>");
  expect_refused("-0.5\tA B\t", "-0.5\tA C\t", "a.arpa:14: the word \"C\" has no unigram");
  expect_refused("-0.5\tA B\t-0.25", "-0.5\tA", "a.arpa:14: expected 2 words");
  expect_refused("<s> A B", "<s> A B -1", "a.arpa:19: expected no more than 3 words");
  expect_refused("<s> A B", "<s> A A", "a.arpa:20: this n-gram was met before");
  expect_refused("\\end\\", "", "expected more up to \\end\\");
  expect_refused("\\end\\", "\\end\\\nmore", "a.arpa:23: expected nothing after \\end\\");
}

TEST_F(ArpaFile, MayHaveTheLayoutOfAnyTool) {
  const NgramModel plain = read(kSmall);
  const auto expect_same = [&](const NgramModel& model) {
    ASSERT_EQ(model.order(), plain.order());
    for (int order = 1; order <= plain.order(); ++order) {
      EXPECT_EQ(model.level(order).words, plain.level(order).words);
      EXPECT_EQ(model.level(order).log_probabilities, plain.level(order).log_probabilities);
      EXPECT_EQ(model.level(order).log_backoffs, plain.level(order).log_backoffs);
    }
  };
  // IRSTLM pads the counts.
  expect_same(read_changed("ngram 1=4\nngram 2=3\n", "ngram  1=         4\nngram  2=\t3\n"));
  expect_same(read_changed("ngram 1=4", "ngram 1 = 4"));
  expect_same(read_changed("ngram 1=4", "ngram 1=4 \r"));
  expect_same(read_changed("\\data\\", "\\data\\ "));
  expect_same(read_changed("\\1-grams:", "\\1-grams: \t"));
  expect_same(read_changed("\\end\\", " \\end\\ \n \n"));
  expect_same(read_changed("\n\n\\2-grams:", "\n \n\t\n\\2-grams:"));
  expect_same(read_changed("ngram 3=2\n\n", "ngram 3=2\n  \n"));
  expect_same(read_changed("\t0.5\n", "\t+0.5\n"));
  expect_same(read_changed("<s> A B\n", "<s> A B\t0\n"));
  expect_same(
      read("\xEF\xBB\xBF" + std::string(kSmall).substr(std::string("Made by hand.\n").size())));
  std::string windows;
  for (const char letter : kSmall) windows += letter == '\n' ? "\r\n" : std::string(1, letter);
  expect_same(read(windows));
}

TEST_F(ArpaFile, MayRoundProbabilitiesOfOneUp) {
  testing::write_bytes(path("b.arpa"),
                       std::string(kSmall).replace(kSmall.find("-0.5\tA B"), 4, "0.0000012"));
  ArpaRepairs repairs;
  const NgramModel model = read_arpa(path("b.arpa"), &repairs);
  EXPECT_EQ(repairs.positive_logarithms, 1U);
  EXPECT_THAT(describe(repairs), HasSubstr("1 logarithms of probabilities are a little above 0"));
  const Ngram context{model.vocabulary().find("A")};
  EXPECT_EQ(model.log_probability(context, model.vocabulary().find("B")), 0.0F);
}

TEST_F(ArpaFile, MayLackTheContextOfAnNgram) {
  std::string text(kSmall);
  text.replace(text.find("<s> A B"), 7, "B A B");
  testing::write_bytes(path("b.arpa"), text);
  ArpaRepairs repairs;
  const NgramModel model = read_arpa(path("b.arpa"), &repairs);
  EXPECT_EQ(model.ngram_count(), 8U);
  EXPECT_EQ(repairs.ngrams_without_context, 1U);
  EXPECT_EQ(repairs.first_line_without_context, 19U);
  EXPECT_THAT(describe(repairs), EndsWith("1 n-grams were left out because their context is not "
                                          "listed, the first in line 19"));
  EXPECT_EQ(describe({}), "");
}

TEST_F(ArpaFile, NamesTheLineOfARepeatedNgramThoughOthersWereLeftOut) {
  std::string text(kSmall);
  text.replace(text.find("ngram 3=2"), 9, "ngram 3=4");
  text.replace(text.find("-0.125 <s> A B"), 0, "-1 B A B\n-1 <s> A A\n");
  testing::write_bytes(path("b.arpa"), text);
  EXPECT_THAT(
      [&] { read_arpa(path("b.arpa")); },
      ThrowsMessage<std::runtime_error>(HasSubstr("b.arpa:22: this n-gram was met before")));
}

TEST_F(ArpaFile, MayAnnounceAnOrderWithoutNgrams) {
  std::string text(kSmall);
  text.replace(text.find("ngram 3=2"), 9, "ngram 3=0");
  text.erase(text.find("\\3-grams:"), text.find("\\end\\") - text.find("\\3-grams:"));
  const NgramModel model = read(text);
  EXPECT_EQ(model.order(), 3);
  EXPECT_EQ(model.ngram_count(), 7U);
  EXPECT_EQ(model.level(3).size(), 0U);
}

TEST_F(ArpaFile, OfAnotherCodingIsRefusedWithItsLine) {
  expect_refused("-0.25\tB\t", "-0.25\tB\xE9\t", "a.arpa:10:8: the byte 0xE9 is not UTF-8");
}

TEST_F(ArpaFile, IsRefusedWhereverItIsCutOff) {
  const std::string whole(kSmall);
  const std::size_t needed = whole.size() - 1;  // the last line may lack its end
  for (std::size_t size = 0; size < needed; ++size) {
    EXPECT_THROW(read(whole.substr(0, size)), std::runtime_error) << size;
  }
  EXPECT_NO_THROW(read(whole.substr(0, needed)));
}

TEST_F(ArpaFile, GivesAnErrorOrAModelWhateverBytesAreChanged) {
  std::mt19937 random(7);
  write_arpa(read(kSmall), path("small.arpa"));
  const std::string whole = testing::bytes_of(path("small.arpa"));
  int refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::string damaged = whole;
    for (int flips = 1 + static_cast<int>(random() % 3); flips > 0; --flips) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    try {
      const NgramModel model = read(damaged);
      model.visit(model.order(), [&](std::span<const WordId> words, std::uint32_t) {
        EXPECT_FALSE(std::isnan(model.log_probability(words, words[0])));
      });
    } catch (const std::runtime_error& error) {
      ++refused;
      EXPECT_THAT(error.what(), HasSubstr("a.arpa:"));
    }
  }
  EXPECT_GT(refused, 100);
}

TEST_F(ArpaFile, GivesAnErrorOrAModelWhateverCompressedBytesAreChanged) {
  std::mt19937 random(8);
  write_arpa(read(kSmall), path("small.arpa.gz"));
  const std::string whole = testing::bytes_of(path("small.arpa.gz"));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(random());
    try {
      EXPECT_LE(read(damaged).ngram_count(), 9U);
    } catch (const std::runtime_error& error) {
      EXPECT_THAT(error.what(), HasSubstr("a.arpa"));
    }
  }
}

TEST_F(ArpaFile, RefusesOddNumbersOfDecimals) {
  const NgramModel model = read(kSmall);
  EXPECT_THROW(write_arpa(model, path("b.arpa"), 0), std::invalid_argument);
  EXPECT_THROW(write_arpa(model, path("b.arpa"), 6), std::invalid_argument);
}

}  // namespace
}  // namespace harpy

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <exception>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "decoder/language_model/arpa.hpp"
#include "decoder/language_model/mapped_ngram.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/program.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class LmCommand : public ::testing::Test {
 protected:
  LmCommand() {
    write("books.txt", "THE CAT SAT\nTHE DOG SAT\nA CAT RAN\nTHE CAT RAN AWAY\n");
    write("talk.txt", "YEAH THE CAT\nA DOG YEAH\n");
    write("dev.txt", "THE DOG RAN\nYEAH A CAT\n");
  }

  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name)) << text;
  }

  /// What the command prints.
  static std::string run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "lm");
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    try {
      tools::run_command(arguments);
    } catch (...) {
      ::testing::internal::GetCapturedStderr();
      ::testing::internal::GetCapturedStdout();
      throw;
    }
    ::testing::internal::GetCapturedStderr();
    return ::testing::internal::GetCapturedStdout();
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(LmCommand, MarksOfWrittenTextBecomeWordsAndCapitalsAList) {
  write("written.txt",
        "Yes, I know Ann.\nDoes Ann know IBM?\nIt pays $25 to Ann, I think.\nI see!\n");
  run({path("written.txt"), "--marks", "--casing", path("casing.txt"), "--order", "2", "--output",
       path("a.arpa")});
  const NgramModel model = read_arpa(path("a.arpa"));
  const Vocabulary& words = model.vocabulary();
  for (const char* word : {",", ".", "?", "¿", "yes", "i", "ann", "ibm", "0", "see"}) {
    EXPECT_NE(words.find(word), kNoWord) << word;
  }
  EXPECT_EQ(words.find("$25"), kNoWord);
  EXPECT_EQ(words.find("Ann"), kNoWord);
  std::stringstream list;
  list << std::ifstream(path("casing.txt")).rdbuf();
  EXPECT_EQ(list.str(), "Ann\n");  // IBM and I were seen too rarely within sentences
  EXPECT_THROW(run({path("written.txt"), "--casing", path("x"), "--output", path("b.arpa")}),
               std::exception);
}

TEST_F(LmCommand, EstimatesAModelOfAllTextsAndMeasuresIt) {
  const std::string printed = run({path("books.txt"), path("talk.txt"), "--output",
                                   path("a.arpa.gz"), "--perplexity", path("dev.txt")});
  EXPECT_THAT(printed, HasSubstr("dev.txt: perplexity "));
  EXPECT_THAT(printed, HasSubstr("2 sentences, 6 words, 0 unknown (0.00 %)"));
  const NgramModel model = read_arpa(path("a.arpa.gz"));
  EXPECT_EQ(model.order(), 3);
  EXPECT_NE(model.vocabulary().find("YEAH"), kNoWord);
  EXPECT_NE(model.vocabulary().unknown(), kNoWord);
}

TEST_F(LmCommand, InterpolatesTextsPrunesAndKeepsToTheWordList) {
  write("words.txt", "THE\nA\nCAT K AE T\nDOG\nNEVER\n");
  run({path("books.txt"), path("talk.txt"), "--vocabulary", path("words.txt"), "--closed",
       "--held-out", path("dev.txt"), "--prune-to-ngrams", "12", "--output", path("a.arpa")});
  const NgramModel model = read_arpa(path("a.arpa"));
  EXPECT_EQ(model.vocabulary().size(), 7U);
  EXPECT_NE(model.vocabulary().find("NEVER"), kNoWord);
  EXPECT_EQ(model.vocabulary().unknown(), kNoWord);
  EXPECT_EQ(model.ngram_count(), 12U);
}

TEST_F(LmCommand, WritesTheMappedFormOfAModel) {
  run({path("books.txt"), "--decimals", "3", "--output", path("a.arpa")});
  run({"--model", path("a.arpa"), "--output", path("a.ngram")});
  run({"--model", path("a.arpa"), "--bits", "8", "--output", path("b.ngram")});
  const NgramModel model = read_arpa(path("a.arpa"));
  const WordId cat = model.vocabulary().find("CAT");
  const std::vector<WordId> before{model.vocabulary().sentence_start(),
                                   model.vocabulary().find("THE")};
  const MappedNgramModel mapped(path("a.ngram"));
  EXPECT_EQ(mapped.ngram_count(), model.ngram_count());
  const NgramContext context = mapped.step(mapped.start(), mapped.find("THE")).next;
  EXPECT_EQ(mapped.step(context, mapped.find("CAT")).cost, -model.log_probability(before, cat));
  // So few values are exact in 8 bits too.
  const MappedNgramModel small(path("b.ngram"));
  EXPECT_EQ(small.step(small.start(), cat).cost, mapped.step(mapped.start(), cat).cost);
  EXPECT_THROW(run({"--model", path("a.arpa"), "--bits", "8", "--output", path("b.arpa")}),
               std::exception);
  EXPECT_THROW(run({"--model", path("a.arpa"), "--decimals", "3", "--output", path("b.ngram")}),
               std::exception);
}

TEST_F(LmCommand, PrunesAndMeasuresAModelThatExists) {
  run({path("books.txt"), "--output", path("a.arpa")});
  const std::string whole = run({"--model", path("a.arpa"), "--perplexity", path("dev.txt")});
  const std::string pruned = run({"--model", path("a.arpa"), "--prune", "0.5", "--output",
                                  path("b.arpa"), "--perplexity", path("dev.txt")});
  EXPECT_THAT(whole, HasSubstr("1 unknown"));
  EXPECT_NE(whole, pruned);
  EXPECT_LT(read_arpa(path("b.arpa")).ngram_count(), read_arpa(path("a.arpa")).ngram_count());
}

TEST_F(LmCommand, ReadsTheTextsOfManifests) {
  write("m.jsonl", R"({"id": "1", "text": "HELLO THERE"})"
                   "\n");
  run({path("m.jsonl"), "--order", "2", "--output", path("a.arpa")});
  EXPECT_NE(read_arpa(path("a.arpa")).vocabulary().find("THERE"), kNoWord);
}

TEST_F(LmCommand, NamesWhatIsWrong) {
  write("empty.txt", "\n");
  EXPECT_THAT([&] { run({path("none.txt")}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("none.txt: cannot be opened")));
  EXPECT_THAT([&] { run({path("empty.txt")}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("empty.txt: holds no sentence")));
  EXPECT_THAT(
      [&] {
        run({path("books.txt"), "--vocabulary", path("empty.txt")});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("empty.txt: holds no word")));
  EXPECT_THAT(
      [&] {
        run({path("books.txt"), "--perplexity", path("empty.txt")});
      },
      ThrowsMessage<std::runtime_error>(HasSubstr("empty.txt: holds no sentence")));
  EXPECT_THROW(run({}), tools::UsageError);
  EXPECT_THROW(run({path("books.txt"), "--order", "0"}), tools::UsageError);
  EXPECT_THROW(run({path("books.txt"), "--model", path("a.arpa")}), tools::UsageError);
  EXPECT_THROW(run({"--model", path("a.arpa"), "--closed"}), tools::UsageError);
}

}  // namespace
}  // namespace harpy

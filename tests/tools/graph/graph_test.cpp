#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "decoder/graph/graph_file.hpp"
#include "tests/support/temporary_directory.hpp"
#include "tools/program.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

constexpr const char* kArpa =
    "\\data\\\n"
    "ngram 1=7\n"
    "ngram 2=2\n"
    "\n"
    "\\1-grams:\n"
    "-99 <s> -0.5\n"
    "-1.0 </s>\n"
    "-0.5 CAT -0.25\n"
    "-0.75 DOG\n"
    "-1.0 CATS\n"
    "-1.0 DOGS\n"
    "-1.5 ÉMU\n"
    "\n"
    "\\2-grams:\n"
    "-0.25 <s> CAT\n"
    "-0.25 CAT DOG\n"
    "\n"
    "\\end\\\n";

constexpr const char* kLexicon =
    "cat K AE T\n"
    "cats K AE T S\n"
    "dog D AO G\n"
    "god G AA D\n"
    "tocs T AO K S\n"
    "[noise] N\n";

class GraphCommand : public ::testing::Test {
 protected:
  GraphCommand() {
    write("lm.arpa", kArpa);
    write("lexicon.dict", kLexicon);
  }

  std::string path(const std::string& name) const { return (directory_.path() / name).string(); }

  void write(const std::string& name, const std::string& text) const {
    std::ofstream(path(name), std::ios::binary) << text;
  }
  std::string read(const std::string& name) const {
    std::ifstream stream(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
  }

  /// What the command says on standard error.
  static std::string run(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "graph");
    ::testing::internal::CaptureStderr();
    try {
      tools::run_command(arguments);
    } catch (...) {
      ::testing::internal::GetCapturedStderr();
      throw;
    }
    return ::testing::internal::GetCapturedStderr();
  }

  /// Runs it with the lexicon and the model, and whatever else.
  std::string compile(const std::vector<std::string>& others = {}) const {
    std::vector<std::string> arguments{"--lexicon",     path("lexicon.dict"), "--language-model",
                                       path("lm.arpa"), "--output",           path("graph.harpy")};
    arguments.insert(arguments.end(), others.begin(), others.end());
    return run(arguments);
  }
  GraphPackage compiled() const { return map_graph_package(path("graph.harpy")); }

  /// Expects that compiling fails with a text and leaves the graph there is alone.
  void expect_failure(const std::vector<std::string>& others, const std::string& text) const {
    write("graph.harpy", "the graph of before");
    EXPECT_THAT([&] { compile(others); }, ThrowsMessage<std::exception>(HasSubstr(text)));
    EXPECT_EQ(read("graph.harpy"), "the graph of before");
    EXPECT_FALSE(harpy::testing::holds_unfinished_file(path("")));
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(GraphCommand, CompilesChecksAndReports) {
  const std::string said =
      compile({"--words", path("words.txt"), "--text", path("graph.txt"), "--check", "50"});
  EXPECT_THAT(said, AllOf(HasSubstr("lm.arpa: 7 words, 9 n-grams of up to 2 words"),
                          HasSubstr("2 words without pronunciation are left out: DOGS ÉMU"),
                          HasSubstr("50 sentences of the language model"),
                          HasSubstr("graph.harpy: 3 words, 10 labels")));
  EXPECT_EQ(compiled().words.size(), 4);
  EXPECT_EQ(compiled().frame_labels, FrameLabels{});
  EXPECT_EQ(read("words.txt"), "<eps> 0\nCAT 1\nDOG 2\nCATS 3\n");
  EXPECT_FALSE(read("graph.txt").empty());
}

TEST_F(GraphCommand, ReplacesAGraphByRename) {
  compile();
  const GraphPackage before = compiled();
  const std::string bytes = read("graph.harpy");
  compile({"--topology", "three-state"});
  EXPECT_NE(read("graph.harpy"), bytes);
  // The graph mapped before is another file than the one that is there now.
  EXPECT_EQ(before.frame_labels.topology, Topology::kCtc);
  EXPECT_EQ(before.graph.view().pdf_count, 10);
  EXPECT_EQ(compiled().frame_labels.topology, Topology::kThreeState);
  EXPECT_EQ(compiled().graph.view().pdf_count, 30);
  EXPECT_FALSE(harpy::testing::holds_unfinished_file(path("")));
}

TEST_F(GraphCommand, AddsSilenceAndNoises) {
  write("phones.txt", "SIL\nAA\nAE\nAO\nD\nG\nK\nN\nS\nT\n");
  compile({"--phones", path("phones.txt"), "--topology", "one-state", "--silence", "SIL",
           "--silence-probability", "0.4", "--noise-word", "[NOISE]", "--noise-probability",
           "0.01"});
  const GraphPackage package = compiled();
  EXPECT_EQ(package.frame_labels,
            (FrameLabels{.topology = Topology::kOneState, .silence_label = 1}));
  EXPECT_TRUE(package.words.find("[NOISE]"));
}

TEST_F(GraphCommand, GuessesPronunciationsIfAsked) {
  const std::string said = compile({"--guess-pronunciations"});
  EXPECT_THAT(said, AllOf(HasSubstr("guessed: DOGS D AO G S\n"),
                          HasSubstr("1 words without pronunciation got a guess"),
                          HasSubstr("1 words without pronunciation are left out: ÉMU")));
  EXPECT_TRUE(compiled().words.find("DOGS"));
}

TEST_F(GraphCommand, WritesItsGuessesAsALexiconThatGivesTheSameGraph) {
  compile({"--guess-pronunciations", "--write-guessed", path("guessed.dict")});
  EXPECT_EQ(read("guessed.dict"), "DOGS D AO G S\n");
  const std::string guessed = read("graph.harpy");
  const std::string said = compile({"--lexicon", path("guessed.dict")});
  EXPECT_THAT(said, ::testing::Not(HasSubstr("guess")));
  EXPECT_EQ(read("graph.harpy"), guessed);
  EXPECT_THROW(compile({"--write-guessed", path("guessed.dict")}), std::exception);
}

TEST_F(GraphCommand, AddsTheWordsOfFurtherLexicons) {
  write("lexicon.dict", "CAT K AE T\n");
  write("more.dict", "ÉMU IY M Y UW\nDOG D AA G\nDOG(2) D AO G\n");
  const std::string said = compile({"--lexicon", path("more.dict")});
  EXPECT_THAT(said, HasSubstr("2 words without pronunciation are left out: CATS DOGS"));
  EXPECT_TRUE(compiled().words.find("ÉMU"));
  EXPECT_THAT(compiled().labels.names(),
              ::testing::ElementsAre("<blank>", "AA", "AE", "AO", "D", "G", "IY", "K", "M", "T",
                                     "UW", "Y"));
}

TEST_F(GraphCommand, SpellsWordsWithoutALexicon) {
  run({"--spell", "--language-model", path("lm.arpa"), "--output", path("graph.harpy")});
  EXPECT_TRUE(compiled().labels.find("É"));
}

TEST_F(GraphCommand, SaysHowItIsUsed) {
  EXPECT_THROW(run({}), tools::UsageError);
  EXPECT_THROW(run({"--language-model", path("lm.arpa"), "--output", path("g")}),
               tools::UsageError);
  EXPECT_THROW(compile({"--spell"}), tools::UsageError);
  EXPECT_THROW(compile({"--topology", "bakis"}), tools::UsageError);
  EXPECT_THROW(compile({"--silence-probability", "0.5"}), tools::UsageError);
  EXPECT_THROW(compile({"--check", "-1"}), tools::UsageError);
  EXPECT_THROW(compile({"--phones", path("none.txt")}), tools::UsageError);
  EXPECT_THROW(compile({"--write-guessed", path("guessed.dict")}), tools::UsageError);
  EXPECT_FALSE(std::filesystem::exists(path("graph.harpy")));
}

TEST_F(GraphCommand, NamesTheFileThatIsWrong) {
  write("empty.txt", "\n");
  write("two.txt", "A B\n");
  expect_failure({"--vocabulary", path("empty.txt")}, "empty.txt: holds no name");
  expect_failure({"--vocabulary", path("two.txt")}, "two.txt:1: expected one name a line");
  expect_failure({"--words", path("none/words.txt")}, "none/words.txt: its folder does not exist");
  expect_failure({"--silence", "SIL"}, "the silence \"SIL\" is not one of the phones");
  expect_failure({"--noise-word", "CAT"}, "\"CAT\" is a word of the language model");
  write("lexicon.dict", "cat K AE T\ndog\n");
  expect_failure({}, "lexicon.dict:2: the word \"dog\" has no phones");
  write("lexicon.dict", "emu IY M Y UW\n");
  expect_failure({}, "no word of the language model has a pronunciation");
}

TEST_F(GraphCommand, SurvivesFlippedBytesOfTheModel) {
  const std::string good = kArpa;
  int refused = 0;
  for (std::size_t place = 0; place < good.size(); place += 3) {
    std::string bad = good;
    bad[place] = static_cast<char>(bad[place] ^ 0x10);
    write("lm.arpa", bad);
    try {
      compile({"--check", "3"});
      compiled();  // another number or name makes another good graph
    } catch (const std::exception& error) {
      ++refused;
      EXPECT_THAT(error.what(), ::testing::AnyOf(HasSubstr("lm.arpa"), HasSubstr("graph")));
    }
  }
  EXPECT_GT(refused, 10);
}

}  // namespace
}  // namespace harpy

#include "decoder/written/written_rules.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "decoder/written/written_form.hpp"
#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

class WrittenRulesTest : public ::testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directory(directory_.path() / "rules"); }

  void write(const std::string& name, const std::string& text) {
    std::ofstream(directory_.path() / "rules" / name) << text;
  }

  /// The tokens with spaces between.
  std::string apply(const std::vector<std::string>& words) {
    std::string text;
    for (const WrittenToken& token : WrittenForm(directory_.path()).apply(words)) {
      text += (text.empty() ? "" : " ") + token.text;
    }
    return text;
  }

  /// What is said of the table "a.tsv" with this text.
  std::string complaint(const std::string& text) {
    write("a.tsv", text);
    try {
      read_written_rules(directory_.path() / "rules");
    } catch (const std::runtime_error& error) {
      const std::string told = error.what();
      return told.substr(told.find("rules") + 5 +
                         (told.find("rules/") != std::string::npos ? 1 : 2));
    }
    return "none";
  }

  testing::TemporaryDirectory directory_;
};

TEST_F(WrittenRulesTest, AnotherLanguageIsATable) {
  write("zahlen.tsv", "# Zahlen\nziffer\teins\t1\nziffer\tzwei\t2\n");
  write("rest.tsv", "text\tÜber <ziffer>+ und? grad\t>\xC2\xA0<ziffer>°\t0.5\n");
  EXPECT_EQ(apply({"ÜBER", "Zwei", "eins", "GRAD"}),
            ">\xC2\xA0"
            "21°");
  EXPECT_EQ(apply({"über", "zwei", "und", "grad"}),
            ">\xC2\xA0"
            "2°");
  EXPECT_EQ(apply({"über", "grad"}), "über grad");
}

TEST_F(WrittenRulesTest, TheCheapestReadingWins) {
  write("a.tsv", "text\ta b\tAB\t0.6\ntext\tb c\tBC\t0.5\ntext\ta b c\tX\t1.7\n");
  EXPECT_EQ(apply({"a", "b", "c"}), "a BC");  // 1 + 0.5 against 0.6 + 1 and 1.7
  EXPECT_EQ(apply({"a", "b"}), "AB");
}

TEST_F(WrittenRulesTest, AReadingThatCostsMoreThanItsWordsIsNotTaken) {
  write("a.tsv", "text\ta\tA\t1.5\ntext\tb b\tBB\t1.9\n");
  EXPECT_EQ(apply({"a", "b", "b"}), "a BB");
}

TEST_F(WrittenRulesTest, PartsAreWordsOfTheirOwnAndMayStay) {
  write("a.tsv", "at\tat\t@\ntext\t<at> | x y | keep this\t= | XY | =\t0.5\n");
  EXPECT_EQ(apply({"AT", "x", "y", "Keep", "this"}), "AT XY Keep this");
  const auto tokens = WrittenForm(directory_.path())
                          .apply(std::vector<std::string>{"AT", "x", "y", "Keep", "this"});
  EXPECT_EQ(tokens.size(), 4U);
}

TEST_F(WrittenRulesTest, ComplainsWithFileAndLine) {
  EXPECT_EQ(complaint("text\ta\n"),
            "a.tsv:1: expected the columns rule, spoken, written and perhaps cost, got 2");
  EXPECT_EQ(complaint("\ntext\ta\tb\tfree\n"),
            "a.tsv:2: expected a cost from 0 to 1000, got \"free\"");
  EXPECT_EQ(complaint("text\ta\tb\t-1\n"), "a.tsv:1: expected a cost from 0 to 1000, got \"-1\"");
  EXPECT_EQ(complaint("text\ta|b\tc\n"),
            "a.tsv:1: expected as many parts spoken as written, got 2 and 1");
  EXPECT_EQ(complaint("text\ta? b?\tc\n"),
            "a.tsv:1: expected a spoken word that cannot be left out");
  EXPECT_EQ(complaint("text\ta\t\n"),
            "a.tsv:1: expected something written, or \"=\" for words that stay");
  EXPECT_EQ(complaint("x\ta | b\tc | d\n"),
            "a.tsv:1: expected \"|\" and \"=\" in readings of the rule text alone");
  EXPECT_EQ(complaint("text\t<x>\tc\n"),
            "a.tsv:1: expected \"<x>\" on the written side too, in the same order");
  EXPECT_EQ(complaint("x\ta\tb\ny\ta\tb\ntext\t<x> <y>\t<y> <x>\n"),
            "a.tsv:3: expected \"<x>\" on the written side too, in the same order");
  EXPECT_EQ(complaint("x\ta\tb\ntext\t<x>\t<x> <x>\n"),
            "a.tsv:2: expected the written side to name the rules of the spoken side in their "
            "order, got \" <x>\"");
  EXPECT_EQ(complaint("text\t<x>\t<x>\n"), "a.tsv:1: the rule <x> has no readings");
  EXPECT_EQ(complaint("text\t<x>\t<x>\nx\t<y>\t<y>\ny\ta <x>\t<x>\n"),
            "a.tsv:1: the rule <x> refers to itself");
  EXPECT_EQ(complaint("x\ta\tb\n"), "the rule <text> has no readings");
}

TEST_F(WrittenRulesTest, AFolderWithoutTablesIsRefused) {
  EXPECT_THROW(read_written_rules(directory_.path() / "rules"), std::runtime_error);
  EXPECT_THROW(read_written_rules(directory_.path() / "none"), std::runtime_error);
}

}  // namespace
}  // namespace harpy

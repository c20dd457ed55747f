#include "decoder/graph/token_list.hpp"

#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class TokenListTest : public ::testing::Test {
 protected:
  TokenList read(const std::string& text, const char* blank = "0") const {
    const std::filesystem::path path = directory_.path() / "tokens.txt";
    std::ofstream(path, std::ios::binary) << text;
    return TokenList::read(path, BlankColumn::parse(blank));
  }
  std::vector<std::string> tokens(const std::string& text, const char* blank = "0") const {
    return read(text, blank).tokens();
  }
  void expect_refused(const std::string& text, const char* blank, const char* what) const {
    EXPECT_THAT([&] { read(text, blank); },
                ThrowsMessage<std::runtime_error>(HasSubstr("tokens.txt:" + std::string(what))));
  }

  const testing::TemporaryDirectory directory_;
};

TEST_F(TokenListTest, LeavesOutTheBlankWhereverItStands) {
  EXPECT_THAT(tokens("<blk>\na\nb\n"), ElementsAre("a", "b"));
  EXPECT_THAT(tokens("a\n_\nb\n", "1"), ElementsAre("a", "b"));
  EXPECT_THAT(tokens("a\nb\n<pad>\n", "last"), ElementsAre("a", "b"));
  EXPECT_THAT(tokens("a\nb\n", "behind"), ElementsAre("a", "b"));
  EXPECT_THAT(tokens("a\nb\n\n\n", "none"), ElementsAre("a", "b"));
}

TEST_F(TokenListTest, ReadsIdsInAnyOrderWithoutDisambiguationSymbols) {
  EXPECT_THAT(tokens("b 2\n#0 3\n<blk> 0\na 1\n#1 4\n"), ElementsAre("a", "b"));
  EXPECT_THAT(tokens("# 1\n<blk> 0\n#a 2\n"), ElementsAre("#", "#a"));
}

TEST_F(TokenListTest, ReadsSentencePiecesVocabulary) {
  EXPECT_THAT(tokens("<unk>\t0\n<s>\t0\n\xE2\x96\x81the\t-3.25\n", "behind"),
              ElementsAre("<unk>", "<s>", "\xE2\x96\x81the"));
  EXPECT_THAT(tokens("<unk>\t0\n<s>\t0\n\xE2\x96\x81t\t-0\nhe\t-1\n"),
              ElementsAre("<s>", "\xE2\x96\x81t", "he"));
}

TEST_F(TokenListTest, ALineThatIsABlankIsTheSpace) {
  EXPECT_THAT(tokens(" \na\n'\n", "behind"), ElementsAre("<space>", "a", "'"));
  EXPECT_THAT(tokens("a 1\n  0\nb 2\n", "behind"), ElementsAre("<space>", "a", "b"));
  EXPECT_EQ(read(" \na\n", "behind").separator(), "<space>");
  EXPECT_EQ(read("<pad>\n|\na\n").separator(), "|");
  EXPECT_EQ(read("<pad>\na\n").separator(), "");
  EXPECT_EQ(read("<pad>\n|\n\xE2\x96\x81\x61\n").separator(), "");
}

TEST_F(TokenListTest, RefusesOtherLists) {
  expect_refused("", "0", " holds no token");
  expect_refused("<blk>\n", "0", " holds only the blank");
  expect_refused("a\n\nb\n", "0", "2: expected a token, got an empty line");
  expect_refused("a b c\n", "0", "1: expected TOKEN or TOKEN ID");
  expect_refused("a 0\nb\n", "0", "2: a number stands behind each token or behind none");
  expect_refused("a 0\nb x\n", "0", "2: expected an id or a score behind the token, got x");
  expect_refused("a 0\nb 2\n", "0", "1: the ids are not 0 to 1, each once");
  expect_refused("_\na\na\n", "0", "3: the token \"a\" is there twice");
  expect_refused("a\n<blank>\nb\n", "0", "2: the token \"<blank>\" is there twice, or is a blank");
  expect_refused("a\nb\n", "2", " the blank cannot be column 2 of 2");
}

TEST(BlankColumnTest, IsCountedAmongAllColumns) {
  EXPECT_EQ(BlankColumn().of(5), 0);
  EXPECT_EQ(BlankColumn::parse("3").of(5), 3);
  EXPECT_EQ(BlankColumn::parse("last").of(5), 4);
  EXPECT_EQ(BlankColumn::parse("behind").of(5), 4);
  EXPECT_EQ(BlankColumn::parse("none").of(5), std::nullopt);
  EXPECT_THROW(BlankColumn::parse("5").of(5), std::invalid_argument);
  for (const char* text : {"", "-1", "first", "1x"}) {
    EXPECT_THROW(BlankColumn::parse(text), std::invalid_argument) << text;
  }
}

}  // namespace
}  // namespace harpy

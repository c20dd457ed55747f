#include "decoder/graph/symbol_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::HasSubstr;
using ::testing::ThrowsMessage;

class SymbolTableTest : public ::testing::Test {
 protected:
  void write(const std::string& text) const { std::ofstream(path_) << text; }
  void expect_refused(const std::string& text, const std::string& message) const {
    write(text);
    EXPECT_THAT([&] { SymbolTable::read(path_); },
                ThrowsMessage<std::runtime_error>(HasSubstr(message)));
  }

  const testing::TemporaryDirectory directory_;
  const std::filesystem::path path_ = directory_.path() / "words.txt";
};

TEST_F(SymbolTableTest, NumbersSymbolsFromZero) {
  SymbolTable table;
  EXPECT_EQ(table.add("<eps>"), 0);
  EXPECT_EQ(table.add("ONE"), 1);
  EXPECT_EQ(table.find("ONE"), 1);
  EXPECT_EQ(table.find("TWO"), std::nullopt);
  EXPECT_EQ(table.name(1), "ONE");
  EXPECT_EQ(table.size(), 2);
  EXPECT_THROW(table.name(2), std::out_of_range);
  EXPECT_THROW(table.name(-1), std::out_of_range);
}

TEST_F(SymbolTableTest, RefusesRepeatedEmptyAndSpacedSymbols) {
  SymbolTable table({"A"});
  EXPECT_THROW(table.add("A"), std::invalid_argument);
  EXPECT_THROW(table.add(""), std::invalid_argument);
  EXPECT_THROW(table.add("A B"), std::invalid_argument);
  EXPECT_THROW(table.add("A\n"), std::invalid_argument);
  EXPECT_EQ(table.size(), 1);
}

TEST_F(SymbolTableTest, ReadsLinesInAnyOrderAndWritesThemBack) {
  write("B\t1\r\n<eps> 0\nC 2\n");
  const SymbolTable table = SymbolTable::read(path_);
  EXPECT_EQ(table, SymbolTable({"<eps>", "B", "C"}));
  table.write(path_);
  std::ifstream stream(path_);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "<eps> 0\nB 1\nC 2\n");
  EXPECT_EQ(SymbolTable::read(path_), table);
}

TEST_F(SymbolTableTest, RefusesMalformedFilesNamingTheLine) {
  expect_refused("A 0\nB\n", "words.txt:2: expected a symbol and its number");
  expect_refused("A 0\n\nB 1\n", "words.txt:2:");
  expect_refused("A 0 1\n", "words.txt:1:");
  expect_refused("A x\n", "words.txt:1: \"x\" is not");
  expect_refused("A 1x\n", "words.txt:1:");
  expect_refused("A -1\n", "words.txt:1:");
  expect_refused("A 99999999999\n", "words.txt:1:");
  expect_refused("A 0\nB 0\n", "words.txt:2: the number 0 was met before");
  expect_refused("A 0\nB 2\n", "no symbol has the number 1");
  expect_refused("A 0\nA 1\n", "\"A\" is there twice");
  expect_refused(std::string("A\0 0\n", 5), "words.txt:1: a zero byte");
  EXPECT_THROW(SymbolTable::read(directory_.path()), std::runtime_error);
  EXPECT_THROW(SymbolTable::read(directory_.path() / "absent"), std::runtime_error);
}

}  // namespace
}  // namespace harpy

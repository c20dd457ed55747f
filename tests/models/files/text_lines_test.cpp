#include "models/files/text_lines.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_directory.hpp"

namespace harpy {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;
using ::testing::ThrowsMessage;

class TextLinesTest : public ::testing::Test {
 protected:
  std::vector<std::string> lines_of(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary) << bytes;
    std::vector<std::string> lines;
    TextLines reader(path_);
    while (const auto line = reader.next()) {
      lines.emplace_back(*line);
      EXPECT_EQ(reader.line_number(), lines.size());
      EXPECT_EQ(reader.line(), *line);
    }
    return lines;
  }
  void expect_refused(const std::string& bytes, const std::string& place,
                      const std::string& what) const {
    EXPECT_THAT([&] { lines_of(bytes); }, ThrowsMessage<std::runtime_error>(AllOf(
                                              StartsWith(path_.string() + place), HasSubstr(what))))
        << bytes;
  }

  /// A text as UTF-16; only for characters below U+0100.
  static std::string utf16(const std::string& text, bool big_endian) {
    std::string wide;
    for (const char letter : text) {
      wide += big_endian ? std::string(1, '\0') + letter : letter + std::string(1, '\0');
    }
    return wide;
  }

  testing::TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "a.txt";
};

TEST_F(TextLinesTest, EndWithOrWithoutCarriageReturn) {
  EXPECT_THAT(lines_of("one\n\ntwo\r\nlast"), ElementsAre("one", "", "two", "last"));
  EXPECT_THAT(lines_of("one\n\n"), ElementsAre("one", ""));
  EXPECT_THAT(lines_of(""), IsEmpty());
}

TEST_F(TextLinesTest, MayBeginWithAByteOrderMark) {
  EXPECT_THAT(lines_of("\xEF\xBB\xBFone\ntwo\n"), ElementsAre("one", "two"));
  EXPECT_THAT(lines_of("\xEF\xBB\xBF\r\ntwo"), ElementsAre("", "two"));
  // As after `cat a.txt b.txt`.
  EXPECT_THAT(lines_of("\xEF\xBB\xBFone\n\xEF\xBB\xBFtwo\n"), ElementsAre("one", "two"));
  EXPECT_THAT(lines_of("\xEF\xBB\xBF"), ::testing::SizeIs(::testing::Le(1U)));
}

TEST_F(TextLinesTest, OfUtf16AreRefusedByName) {
  for (const bool big_endian : {false, true}) {
    const std::string mark = big_endian ? "\xFE\xFF" : "\xFF\xFE";
    expect_refused(mark + utf16("one\ntwo\n", big_endian), ": ", "is UTF-16, expected UTF-8");
    expect_refused(utf16("one\ntwo\n", big_endian), ": ",
                   std::string("is UTF-16") + (big_endian ? "BE" : "LE"));
  }
  expect_refused(std::string("\xFF\xFE\0\0a\0\0\0", 8), ": ", "is UTF-32");
}

TEST_F(TextLinesTest, OfOtherCodingsAreRefusedWithLineAndColumn) {
  expect_refused("one\nd\xE9j\xE0\n", ":2:2: ", "the byte 0xE9 is not UTF-8");
  expect_refused("one\nvoil\xC3\xA0 d\xE9j\xE0", ":2:8: ", "iconv -f LATIN1 -t UTF-8");
  expect_refused(
      "\xEF\xBB\xBF"
      "caf\xE9\n",
      ":1:4: ", "0xE9");
}

TEST_F(TextLinesTest, WithAZeroByteAreRefused) {
  expect_refused(std::string("one two\nthree\0four\n", 19), ":2: ", "a zero byte");
}

TEST_F(TextLinesTest, HaveFields) {
  std::ofstream(path_) << " a\tb \n\nc";
  TextLines lines(path_);
  lines.next();
  EXPECT_THAT(lines.fields(), ElementsAre("a", "b"));
  lines.next();
  EXPECT_THAT(lines.fields(), IsEmpty());
  lines.next();
  EXPECT_THAT(lines.fields(), ElementsAre("c"));
}

TEST_F(TextLinesTest, NameTheirPlaceInErrors) {
  std::ofstream(path_) << "1\n2 \xC3\xA9t\xC3\xA9 x\n";
  TextLines lines(path_);
  lines.next();
  lines.next();
  EXPECT_EQ(lines.place(), path_.string() + ":2");
  EXPECT_EQ(lines.error("is odd").what(), path_.string() + ":2: is odd");
  EXPECT_EQ(lines.error_at(lines.line().find('x'), "is odd").what(),
            path_.string() + ":2:7: is odd");
}

TEST_F(TextLinesTest, OfFilesThatCannotBeOpenedAreAnError) {
  EXPECT_THAT([&] { TextLines lines(directory_.path() / "none"); },
              ThrowsMessage<std::runtime_error>(
                  AllOf(HasSubstr("none: cannot be opened"), HasSubstr("No such file"))));
  EXPECT_THAT([&] { TextLines lines(directory_.path()); },
              ThrowsMessage<std::runtime_error>(HasSubstr("is a directory")));
}

TEST_F(TextLinesTest, AreAlsoReadAsAWhole) {
  std::ofstream(path_) << "\xEF\xBB\xBFone\r\ntwo";
  EXPECT_EQ(read_text(path_), "one\ntwo\n");
}

}  // namespace
}  // namespace harpy

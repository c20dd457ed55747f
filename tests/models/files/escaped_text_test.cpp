#include "models/files/escaped_text.hpp"

#include <gtest/gtest.h>

#include <string>

#include "models/files/utf8.hpp"

namespace harpy {
namespace {

TEST(EscapedText, LeavesTextsOfEveryLanguageAsTheyAre) {
  for (const std::string text : {"", "plain/file name.wav", "déjà vu\\n, 東京, 😀", "a \"b\""}) {
    EXPECT_EQ(escape_invalid_utf8(text), text);
    EXPECT_EQ(escape_for_line(text), text);
  }
}

TEST(EscapedText, HasBytesThatAreNotUtf8AsNumbers) {
  for (const auto& [text, expected] : {std::pair{"d\xE9j\xE0.wav", "d\\xE9j\\xE0.wav"},
                                       {"\xC3", "\\xC3"},
                                       {"\xED\xA0\x80", "\\xED\\xA0\\x80"},
                                       {"é\xFF東", "é\\xFF東"}}) {
    EXPECT_EQ(escape_invalid_utf8(text), expected);
    EXPECT_EQ(escape_for_line(text), expected);
  }
}

TEST(EscapedText, ForALineHasNoCharacterThatEndsOneOrDirectsATerminal) {
  const std::string text = "a\nb\tc\rd\x1B[31m\x7F\xC2\x85\xE2\x80\xA8\xE2\x80\xA9\v";
  EXPECT_EQ(escape_invalid_utf8(text), text);
  EXPECT_EQ(escape_for_line(text), "a\\nb\\tc\\rd\\x1B[31m\\x7F\\u0085\\u2028\\u2029\\x0B");
  EXPECT_EQ(escape_for_line(std::string("a\0b", 3)), "a\\x00b");
}

TEST(EscapedText, MarksThatTurnTheDirectionOfWritingAreEscapedInLines) {
  EXPECT_EQ(escape_for_line("a\xE2\x80\xAE"
                            "b\xE2\x80\x8F"
                            "c\xE2\x81\xA6"
                            "d\xD8\x9C"
                            "e"),
            "a\\u202Eb\\u200Fc\\u2066d\\u061Ce");
  EXPECT_EQ(escape_for_line("\xE2\x80\x94 \xE2\x82\xAC \xD8\x9B"),
            "\xE2\x80\x94 \xE2\x82\xAC \xD8\x9B");
}

TEST(EscapedText, OfAnyBytesIsUtf8OnOneLine) {
  std::string all;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      all += static_cast<char>(first);
      all += static_cast<char>(second);
    }
  }
  EXPECT_EQ(valid_utf8_bytes(escape_invalid_utf8(all)), escape_invalid_utf8(all).size());
  const std::string line = escape_for_line(all);
  EXPECT_EQ(valid_utf8_bytes(line), line.size());
  EXPECT_EQ(line.find_first_of("\n\r\t\v\f"), std::string::npos);
}

}  // namespace
}  // namespace harpy

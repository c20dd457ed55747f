#include "models/files/utf8.hpp"

#include <gtest/gtest.h>

#include <string>

namespace harpy {
namespace {

TEST(Utf8, IsTextOfEveryLanguage) {
  for (const std::string& text :
       {std::string(), std::string("plain"), std::string("déjà vu, 東京, 😀"),
        std::string("\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF"
                    "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF"),
        std::string(1000, 'a') + "é"}) {
    EXPECT_EQ(valid_utf8_bytes(text), text.size());
  }
}

TEST(Utf8, EndsBeforeTheFirstByteThatIsNone) {
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE9 ", "\xE0\x9F\xBF", "\xED\xA0\x80",
        "\xEF\xBF", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    for (const std::size_t length : {0U, 3U, 8U, 17U}) {
      EXPECT_EQ(valid_utf8_bytes(std::string(length, 'a') + bad), length) << bad;
      EXPECT_EQ(valid_utf8_bytes(std::string(length, 'a') + bad + "more text"), length) << bad;
    }
  }
}

TEST(Utf8, CharactersAreCounted) {
  EXPECT_EQ(count_characters(""), 0U);
  EXPECT_EQ(count_characters("déjà 東京😀"), 8U);
  EXPECT_EQ(first_character_bytes("東京"), 3U);
  EXPECT_EQ(first_character_bytes(""), 0U);
}

TEST(Utf8, SpacesThatAreNoBlanksAreFound) {
  EXPECT_EQ(find_odd_space("a b\tc é 東京 \xE2\x80\x8D"), std::string::npos);
  for (const char* space : {"\xC2\xA0", "\xE2\x80\x80", "\xE2\x80\x89", "\xE2\x80\x8B",
                            "\xE2\x80\xAF", "\xE3\x80\x80", "\xEF\xBB\xBF"}) {
    EXPECT_EQ(find_odd_space(std::string("é b") + space + "c"), 4U);
  }
}

}  // namespace
}  // namespace harpy

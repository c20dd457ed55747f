#include "decoder/written/letter_case.hpp"

#include <gtest/gtest.h>

namespace harpy {
namespace {

TEST(LetterCase, MakesLettersSmall) {
  EXPECT_EQ(lower_case("IT'S Über ÉMIGRÉ ΣΑΣ 42"), "it's über émigré σασ 42");
  EXPECT_EQ(lower_case(""), "");
  EXPECT_EQ(lower_case("A\xFF Z"), "a\xFF z");
}

TEST(LetterCase, MakesTheFirstLetterLarge) {
  EXPECT_EQ(capitalised("hello"), "Hello");
  EXPECT_EQ(capitalised("'tis"), "'Tis");
  EXPECT_EQ(capitalised("éclair"), "Éclair");
  EXPECT_EQ(capitalised("iPhone"), "IPhone");
  EXPECT_EQ(capitalised("25%"), "25%");
  EXPECT_EQ(capitalised("5 km"), "5 km");
  EXPECT_EQ(capitalised(""), "");
}

}  // namespace
}  // namespace harpy

#include "models/files/text_fields.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace harpy {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Fields, AreTakenOffTheFrontOfAText) {
  std::string_view text = "  ONE\tTWO \n";
  EXPECT_EQ(take_word(text), "ONE");
  EXPECT_EQ(take_word(text), "TWO");
  EXPECT_EQ(take_word(text), "");
  EXPECT_EQ(take_word(text), "");
}

TEST(Fields, AreSeparatedByBlanks) {
  EXPECT_THAT(split_fields(" a\tb  c\r"), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split_fields(" \t "), IsEmpty());
  EXPECT_EQ(trim(" a b\t\r"), "a b");
  EXPECT_EQ(trim(" \t"), "");
}

TEST(Numbers, AreWholeFieldsPerhapsWithAPlus) {
  EXPECT_EQ(parse_int32("+12"), 12);
  EXPECT_EQ(parse_int32("-12"), -12);
  EXPECT_EQ(parse_uint64("18446744073709551615"), ~std::uint64_t{0});
  EXPECT_EQ(parse_uint64("+7"), 7U);
  EXPECT_EQ(parse_uint64("-7"), std::nullopt);
  EXPECT_EQ(parse_uint64("18446744073709551616"), std::nullopt);
  EXPECT_FLOAT_EQ(parse_float("+0.5").value(), 0.5F);
  EXPECT_DOUBLE_EQ(parse_double("1e-3").value(), 0.001);
  EXPECT_TRUE(std::isinf(parse_float("-inf").value()));
  for (const char* field : {"", "+", "+-1", "++1", "1x", "x", " 1", "nan"}) {
    EXPECT_EQ(parse_int32(field), std::nullopt) << field;
    EXPECT_EQ(parse_uint64(field), std::nullopt) << field;
    EXPECT_EQ(parse_float(field), std::nullopt) << field;
    EXPECT_EQ(parse_double(field), std::nullopt) << field;
  }
}

}  // namespace
}  // namespace harpy

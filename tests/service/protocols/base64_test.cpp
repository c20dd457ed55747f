#include "service/protocols/base64.hpp"

#include <gtest/gtest.h>

#include <string>

namespace harpy {
namespace {

std::string decoded(std::string_view text) {
  const auto bytes = decode_base64(text);
  if (!bytes) return "none";
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// The examples of RFC 4648, section 10.
TEST(Base64, TheExamplesOfTheStandardAreDecoded) {
  EXPECT_EQ(decoded(""), "");
  EXPECT_EQ(decoded("Zg=="), "f");
  EXPECT_EQ(decoded("Zm8="), "fo");
  EXPECT_EQ(decoded("Zm9v"), "foo");
  EXPECT_EQ(decoded("Zm9vYg=="), "foob");
  EXPECT_EQ(decoded("Zm9vYmE="), "fooba");
  EXPECT_EQ(decoded("Zm9vYmFy"), "foobar");
}

TEST(Base64, PaddingMayBeLeftOut) {
  EXPECT_EQ(decoded("Zg"), "f");
  EXPECT_EQ(decoded("Zm8"), "fo");
}

TEST(Base64, AllBytesAreDecoded) {
  EXPECT_EQ(decoded("AP+A/g=="), std::string("\0\xff\x80\xfe", 4));
}

TEST(Base64, OtherTextsAreNone) {
  for (const char* text : {"Z", "Zg=", "Zm9v=", "Zm 9", "Zm9-", "====", "Zg==Zg==", "Z\xc3\xbc"}) {
    EXPECT_EQ(decoded(text), "none") << text;
  }
}

}  // namespace
}  // namespace harpy

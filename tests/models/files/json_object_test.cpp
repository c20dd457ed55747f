#include "models/files/json_object.hpp"

#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/json/value.hpp>

namespace harpy {
namespace {

std::string json_error_of(std::string_view text, std::string_view place) {
  try {
    parse_json_object(text, place);
  } catch (const std::runtime_error& error) {
    return error.what();
  }
  return "";
}

TEST(JsonObjects, AreReadWhole) {
  const boost::json::object object = parse_json_object(" {\"a\": 1, \"b\": {}} ", "");
  EXPECT_EQ(object.at("a"), 1);
  EXPECT_TRUE(object.at("b").is_object());
}

TEST(JsonObjects, OtherTextsAreRefusedWithTheirPlace) {
  for (const char* text : {"", "{", "EOS", "{} x", "{\"a\": nan}"}) {
    EXPECT_THAT(json_error_of(text, "a.jsonl:7"), ::testing::StartsWith("a.jsonl:7: not JSON: "));
  }
  for (const char* text : {"[1]", "7", "null", "\"{}\""}) {
    EXPECT_EQ(json_error_of(text, "recipe"), "recipe: not a JSON object");
  }
  EXPECT_EQ(json_error_of("[]", ""), "not a JSON object");
}

TEST(JsonObjects, MayBeNestedOnlySoDeep) {
  EXPECT_THAT(json_error_of("{\"a\":" + std::string(100, '['), ""),
              ::testing::HasSubstr("not JSON"));
}

}  // namespace
}  // namespace harpy

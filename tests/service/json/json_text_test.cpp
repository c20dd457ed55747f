#include "service/json/json_text.hpp"

#include <gtest/gtest.h>
#include <boost/json.hpp>

namespace harpy {
namespace {

TEST(JsonText, NumbersAreShortAndExact) {
  EXPECT_EQ(json_line({{"start", 1.05}, {"count", 3}, {"tiny", 1e-9}, {"whole", 2.0}}),
            R"({"start": 1.05, "count": 3, "tiny": 1e-09, "whole": 2})");
}

TEST(JsonText, TextIsEscaped) {
  EXPECT_EQ(json_line({"a\"b\n\x01", nullptr, true}), R"(["a\"b\n\u0001", null, true])");
}

TEST(JsonText, IndentedTextReadsBackAsTheSameValue) {
  boost::json::value value = {{"short", {1, 2}}, {"long", boost::json::array(60, "item")}};
  const std::string text = indented_json(value);
  EXPECT_EQ(boost::json::parse(text), value);
  EXPECT_NE(text.find("  \"short\": [1, 2]"), std::string::npos);
}

TEST(JsonText, RoundedNumbersHaveFewDecimals) {
  EXPECT_EQ(
      json_line({rounded(1.0 / 3.0, 3), rounded(-2.0 / 3.0, 4), rounded(12.5, 0), rounded(7.0, 6)}),
      "[0.333, -0.6667, 13, 7]");
}

}  // namespace
}  // namespace harpy

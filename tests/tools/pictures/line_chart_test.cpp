#include "tools/pictures/line_chart.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace harpy::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

TEST(LineChart, TicksAreRoundAndEncloseTheValues) {
  EXPECT_THAT(axis_ticks(0.0, 1.0, 6),
              ElementsAre(0.0, 0.2, 0.4, ::testing::DoubleNear(0.6, 1e-9), 0.8, 1.0));
  EXPECT_THAT(axis_ticks(1.0, 30.0, 8), ElementsAre(0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0));
  EXPECT_THAT(axis_ticks(0.0, 0.0, 3), ElementsAre(-1.0, 0.0, 1.0));
  for (const double low : {-3.7, 0.0, 1e-5, 17.0}) {
    for (const double span : {1e-6, 0.3, 4.0, 12345.0}) {
      for (const int count : {2, 5, 8}) {
        const auto ticks = axis_ticks(low, low + span, count);
        EXPECT_LE(ticks.front(), low + 1e-9 * span);
        EXPECT_GE(ticks.back(), low + span * (1.0 - 1e-9));
        EXPECT_LE(ticks.size(), static_cast<std::size_t>(count) + 2);
        EXPECT_GE(ticks.size(), 2U);
      }
    }
  }
}

TEST(LineChart, DrawsEachCurveItsPointsAndItsName) {
  const std::vector<ChartSeries> series{{"train", {1, 2, 3}, {2.0, 1.0, 0.5}},
                                        {"dev", {1, 2, 3}, {2.5, 1.5, 1.25}}};
  const std::string svg = draw_line_chart({"Loss", "epoch"}, series);
  EXPECT_EQ(count_of(svg, "<polyline"), 2U);
  EXPECT_EQ(count_of(svg, "<circle"), 6U);
  for (const char* text : {">Loss<", ">epoch<", ">train<", ">dev<", "dev at 3: 1.25"}) {
    EXPECT_THAT(svg, HasSubstr(text));
  }
  EXPECT_EQ(svg.rfind("<svg", 0), 0U);
  EXPECT_EQ(svg.substr(svg.size() - 7), "</svg>\n");
}

TEST(LineChart, LowerValuesAreLowerOnThePage) {
  const ChartSeries series{"x", {0, 10}, {0.0, 1.0}};
  const std::string svg = draw_line_chart({"Title", "x"}, std::span(&series, 1));
  const auto at = svg.find("points=\"") + 8;
  double x1 = 0.0, y1 = 0.0, x2 = 0.0, y2 = 0.0;
  ASSERT_EQ(std::sscanf(svg.c_str() + at, "%lf,%lf %lf,%lf", &x1, &y1, &x2, &y2), 4);
  EXPECT_LT(x1, x2);
  EXPECT_GT(y1, y2);
}

TEST(LineChart, LeavesOutWhatIsNotANumberAndSaysWhenNothingIsLeft) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  ChartSeries series{"x", {1, 2, 3}, {1.0, nan, 2.0}};
  const std::string some = draw_line_chart({"Title", "x"}, std::span(&series, 1));
  EXPECT_EQ(count_of(some, "<circle"), 2U);
  EXPECT_THAT(some, Not(HasSubstr("nan")));
  series.y = {nan, nan, nan};
  EXPECT_THAT(draw_line_chart({"Title", "x"}, std::span(&series, 1)),
              HasSubstr("Title: no values"));
  EXPECT_THAT(draw_line_chart({"Title", "x"}, {}), HasSubstr("no values"));
  series = {"x", {1}, {3.0}};
  const std::string one = draw_line_chart({"Title", "x", true}, std::span(&series, 1));
  EXPECT_EQ(count_of(one, "<circle"), 1U);
  EXPECT_THAT(one, Not(HasSubstr("nan")));
}

TEST(LineChart, EscapesNamesAndRefusesUnevenSeries) {
  const ChartSeries series{"a<b & \"c\"", {1}, {1.0}};
  EXPECT_THAT(draw_line_chart({"T>", "x"}, std::span(&series, 1)),
              HasSubstr("a&lt;b &amp; &quot;c&quot;"));
  const ChartSeries uneven{"x", {1, 2}, {1.0}};
  EXPECT_THROW(draw_line_chart({"T", "x"}, std::span(&uneven, 1)), std::invalid_argument);
}

}  // namespace
}  // namespace harpy::tools

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harpy::tools {

/// A curve: points from left to right.
struct ChartSeries {
  std::string name;  ///< for the legend
  std::vector<double> x;
  std::vector<double> y;
};

struct ChartOptions {
  std::string title;
  std::string x_label;
  bool from_zero = false;  ///< the y axis begins at 0, in place of near the least value
};

/// Draws curves with axes, grid and, if there are several, a legend as an SVG element (an image
/// file of its own, or part of a page). Points that are not finite are left out. Errors:
/// std::invalid_argument for a series with different numbers of x and y.
std::string draw_line_chart(const ChartOptions& options, std::span<const ChartSeries> series);

/// Round numbers, at most about `count` apart evenly, that enclose low .. high.
std::vector<double> axis_ticks(double low, double high, int count);

/// A number with up to six digits, as pictures show and hold them.
std::string number_text(double value);

/// The text with the characters that mean something in HTML and SVG written as entities.
std::string escape_markup(std::string_view text);

}  // namespace harpy::tools

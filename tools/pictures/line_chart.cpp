#include "tools/pictures/line_chart.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <stdexcept>

#include "models/files/printed.hpp"

namespace harpy::tools {
namespace {

// Pixels.
constexpr double kChartWidth = 560.0;
constexpr double kChartHeight = 300.0;
constexpr double kChartLeft = 64.0;
constexpr double kChartRight = 16.0;
constexpr double kChartTop = 52.0;
constexpr double kChartBottom = 44.0;
constexpr double kLegendGap = 26.0;
constexpr double kLetterWidth = 7.0;

constexpr std::array<const char*, 4> kColours{"#2563a8", "#d9730d", "#2e8b57", "#8b3fa0"};
constexpr int kXTicks = 8;
constexpr int kYTicks = 6;

std::string pixels(double value) { return printed("%.1f", value); }

struct ValueRange {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void include(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

/// A straight scale from values to pixels.
struct Scale {
  double low = 0.0;
  double high = 1.0;
  double low_pixel = 0.0;
  double high_pixel = 1.0;

  double operator()(double value) const {
    return low_pixel + (value - low) / (high - low) * (high_pixel - low_pixel);
  }
};

bool is_finite(const ChartSeries& series, std::size_t i) {
  return std::isfinite(series.x[i]) && std::isfinite(series.y[i]);
}

std::string text_at(double x, double y, const char* anchor, const std::string& text,
                    const char* more = "") {
  return "<text x=\"" + pixels(x) + "\" y=\"" + pixels(y) + "\" text-anchor=\"" + anchor + "\"" +
         more + ">" + escape_markup(text) + "</text>\n";
}

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
  return "<line x1=\"" + pixels(x1) + "\" y1=\"" + pixels(y1) + "\" x2=\"" + pixels(x2) +
         "\" y2=\"" + pixels(y2) + "\" " + style + "/>\n";
}

std::string draw_axes(const ChartOptions& options, const std::vector<double>& x_ticks,
                      const std::vector<double>& y_ticks, const Scale& x, const Scale& y) {
  std::string svg;
  for (const double tick : y_ticks) {
    svg += line(kChartLeft, y(tick), kChartWidth - kChartRight, y(tick), "stroke=\"#e2e2e2\"");
    svg += text_at(kChartLeft - 8.0, y(tick) + 4.0, "end", number_text(tick));
  }
  for (const double tick : x_ticks) {
    if (tick < x.low || tick > x.high) continue;
    svg += line(x(tick), kChartHeight - kChartBottom, x(tick), kChartHeight - kChartBottom + 4.0,
                "stroke=\"#888\"");
    svg += text_at(x(tick), kChartHeight - kChartBottom + 18.0, "middle", number_text(tick));
  }
  svg += line(kChartLeft, kChartHeight - kChartBottom, kChartWidth - kChartRight,
              kChartHeight - kChartBottom, "stroke=\"#888\"");
  svg += text_at(kChartLeft + (kChartWidth - kChartLeft - kChartRight) / 2.0, kChartHeight - 8.0,
                 "middle", options.x_label);
  svg +=
      text_at(kChartLeft, 20.0, "start", options.title, " font-weight=\"bold\" font-size=\"14\"");
  return svg;
}

std::string draw_series(const ChartSeries& series, const std::string& colour, const Scale& x,
                        const Scale& y) {
  std::string points;
  std::string dots;
  for (std::size_t i = 0; i < series.x.size(); ++i) {
    if (!is_finite(series, i)) continue;
    const std::string px = pixels(x(series.x[i]));
    const std::string py = pixels(y(series.y[i]));
    points += px + "," + py + " ";
    dots += "<circle cx=\"" + px + "\" cy=\"" + py + "\" r=\"2.5\" fill=\"" + colour +
            "\"><title>" +
            escape_markup(series.name + " at " + number_text(series.x[i]) + ": " +
                          number_text(series.y[i])) +
            "</title></circle>\n";
  }
  return "<polyline points=\"" + points + "\" fill=\"none\" stroke=\"" + colour +
         "\" stroke-width=\"1.8\" stroke-linejoin=\"round\"/>\n" + dots;
}

}  // namespace

std::vector<double> axis_ticks(double low, double high, int count) {
  if (!(high > low)) {
    const double margin = low == 0.0 ? 1.0 : 0.1 * std::abs(low);
    low -= margin;
    high += margin;
  }
  const double rough = (high - low) / std::max(count - 1, 1);
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (factor * power >= rough * (1.0 - 1e-9)) step = factor * power;
  }
  std::vector<double> ticks;
  const double first = std::floor(low / step + 1e-9);
  const double last = std::ceil(high / step - 1e-9);
  const int interval_count = static_cast<int>(last - first);
  for (int i = 0; i <= interval_count; ++i) ticks.push_back((first + i) * step);
  return ticks;
}

std::string number_text(double value) { return printed("%.6g", value); }

std::string escape_markup(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

std::string draw_line_chart(const ChartOptions& options, std::span<const ChartSeries> series) {
  ValueRange x_range;
  ValueRange y_range;
  for (const ChartSeries& curve : series) {
    if (curve.x.size() != curve.y.size()) {
      throw std::invalid_argument("draw_line_chart: " + curve.name + " has " +
                                  std::to_string(curve.x.size()) + " x and " +
                                  std::to_string(curve.y.size()) + " y");
    }
    for (std::size_t i = 0; i < curve.x.size(); ++i) {
      if (!is_finite(curve, i)) continue;
      x_range.include(curve.x[i]);
      y_range.include(curve.y[i]);
    }
  }
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    number_text(kChartWidth) + " " + number_text(kChartHeight) + "\" width=\"" +
                    number_text(kChartWidth) + "\" height=\"" + number_text(kChartHeight) +
                    "\" font-family=\"sans-serif\" font-size=\"12\" fill=\"#333\" role=\"img\">\n";
  svg += "<title>" + escape_markup(options.title) + "</title>\n";
  if (!(x_range.low <= x_range.high)) {
    return svg +
           text_at(kChartWidth / 2.0, kChartHeight / 2.0, "middle", options.title + ": no values") +
           "</svg>\n";
  }
  if (options.from_zero) y_range.include(0.0);
  if (x_range.low == x_range.high) x_range = {x_range.low - 0.5, x_range.high + 0.5};
  const std::vector<double> x_ticks =
      axis_ticks(x_range.low, x_range.high,
                 std::min(kXTicks, 1 + static_cast<int>(x_range.high - x_range.low)));
  const std::vector<double> y_ticks = axis_ticks(y_range.low, y_range.high, kYTicks);
  const Scale x{x_range.low, x_range.high, kChartLeft + 6.0, kChartWidth - kChartRight - 6.0};
  const Scale y{y_ticks.front(), y_ticks.back(), kChartHeight - kChartBottom, kChartTop};

  svg += draw_axes(options, x_ticks, y_ticks, x, y);
  double legend_x = kChartLeft;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const std::string colour = kColours[i % kColours.size()];
    svg += draw_series(series[i], colour, x, y);
    if (series.size() < 2) break;  // the title says it
    svg +=
        line(legend_x, 35.0, legend_x + 18.0, 35.0, "stroke=\"" + colour + "\" stroke-width=\"3\"");
    svg += text_at(legend_x + 24.0, 39.0, "start", series[i].name);
    legend_x += 24.0 + kLetterWidth * static_cast<double>(series[i].name.size()) + kLegendGap;
  }
  return svg + "</svg>\n";
}

}  // namespace harpy::tools

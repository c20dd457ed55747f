#include "tools/pictures/colour_map.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace harpy::tools {

namespace {

constexpr double kDarkest = 0.12;  // Oklab's lightness
constexpr double kLightest = 0.97;
constexpr double kFirstHue = 285.0;  // degrees: violet
constexpr double kLastHue = 465.0;   // yellow
constexpr double kMostChroma = 0.19;

/// Linear sRGB of an Oklab colour; outside [0, 1] if no screen can show it.
std::array<double, 3> linear_rgb(double lightness, double chroma, double hue) {
  const double a = chroma * std::cos(hue);
  const double b = chroma * std::sin(hue);
  const double l = std::pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3.0);
  const double m = std::pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3.0);
  const double s = std::pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3.0);
  return {4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
          -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
          -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s};
}

bool can_be_shown(const std::array<double, 3>& rgb) {
  return std::all_of(rgb.begin(), rgb.end(),
                     [](double value) { return value >= 0.0 && value <= 1.0; });
}

std::uint8_t srgb_of(double linear) {
  const double value =
      linear <= 0.0031308 ? 12.92 * linear : 1.055 * std::pow(linear, 1.0 / 2.4) - 0.055;
  return static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(value, 0.0, 1.0)));
}

}  // namespace

std::array<Colour, 256> make_colour_map() {
  std::array<Colour, 256> map{};
  for (std::size_t i = 0; i < map.size(); ++i) {
    const double share = static_cast<double>(i) / 255.0;
    const double lightness = kDarkest + share * (kLightest - kDarkest);
    const double hue = (kFirstHue + share * (kLastHue - kFirstHue)) * std::numbers::pi / 180.0;
    double chroma = kMostChroma * std::sin(std::numbers::pi * std::pow(share, 0.8));
    while (!can_be_shown(linear_rgb(lightness, chroma, hue)) && chroma > 0.001) chroma *= 0.99;
    const std::array<double, 3> rgb = linear_rgb(lightness, chroma, hue);
    for (std::size_t c = 0; c < 3; ++c) map[i][c] = srgb_of(rgb[c]);
  }
  return map;
}

}  // namespace harpy::tools

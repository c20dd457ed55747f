#include "frontend/window.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace harpy {
namespace {

double weight(WindowKind kind, double cosine) {
  switch (kind) {
    case WindowKind::kPovey:
      return std::pow(0.5 - 0.5 * cosine, 0.85);
    case WindowKind::kHamming:
      return 0.54 - 0.46 * cosine;
    case WindowKind::kHann:
      return 0.5 - 0.5 * cosine;
    case WindowKind::kRectangular:
      return 1.0;
  }
  throw std::invalid_argument("make_window: unknown kind of window");
}

}  // namespace

std::vector<float> make_window(WindowKind kind, int length) {
  if (length < 2) {
    throw std::invalid_argument("make_window: expected at least 2 samples, got " +
                                std::to_string(length));
  }
  std::vector<float> window(static_cast<std::size_t>(length));
  for (int n = 0; n < length; ++n) {
    const double cosine = std::cos(2.0 * std::numbers::pi * n / (length - 1));
    window[static_cast<std::size_t>(n)] = static_cast<float>(weight(kind, cosine));
  }
  return window;
}

}  // namespace harpy

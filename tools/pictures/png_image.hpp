#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "tools/pictures/picture.hpp"

namespace harpy::tools {

/// Pixels to be written as a PNG file.
struct PngImage {
  int width = 0;
  int height = 0;
  /// Empty: pixels are [height, width, 3], red, green, blue. Else at most 256 colours, and pixels
  /// are [height, width], places in it.
  std::span<const Colour> palette;
  std::span<const std::uint8_t> pixels;
};

/// A PNG file (libpng). Errors: std::invalid_argument for pixels that do not fit the size;
/// std::runtime_error with what libpng says.
std::string encode_png(const PngImage& image);

}  // namespace harpy::tools

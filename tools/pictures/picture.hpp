#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace harpy::tools {

/// Red, green, blue, 0 to 255 each (sRGB).
using Colour = std::array<std::uint8_t, 3>;

enum class TextAnchor { kStart, kMiddle, kEnd };

/// Horizontal text, or text that runs upwards. (x, y) is on its base line, where `anchor` says.
struct PictureText {
  double x = 0.0;
  double y = 0.0;
  std::string text;
  TextAnchor anchor = TextAnchor::kStart;
  double size = 12.0;  ///< of the letters with what is above and below them
  bool upwards = false;
};

/// A straight line, horizontal or vertical.
struct PictureLine {
  double x1 = 0.0;
  double y1 = 0.0;
  double x2 = 0.0;
  double y2 = 0.0;
};

/// Cells of colour that fill a rectangle.
struct PictureImage {
  double x = 0.0;
  double y = 0.0;
  double width = 0.0;
  double height = 0.0;
  int columns = 0;
  int rows = 0;
  std::vector<std::uint8_t> cells;  ///< [rows, columns] from the top, places in the palette
};

/// A drawing on white, in pixels from the top left corner.
struct Picture {
  double width = 0.0;
  double height = 0.0;
  std::string description;  ///< for those who cannot see it
  std::array<Colour, 256> palette{};
  std::vector<PictureImage> images;
  std::vector<PictureLine> lines;
  std::vector<PictureText> texts;
};

/// The picture as an SVG file. Its texts stay texts, which can be searched and read aloud; its
/// images are embedded.
std::string to_svg(const Picture& picture);

/// The picture as a PNG file with two pixels for one, so that it is sharp on today's screens, drawn
/// by cairo. Errors: std::invalid_argument for an image whose cells do not fit its rows and
/// columns.
std::string to_png(const Picture& picture);

}  // namespace harpy::tools

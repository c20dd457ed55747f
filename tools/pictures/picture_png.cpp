#include <algorithm>
#include <cmath>

#include "tools/pictures/picture.hpp"
#include "tools/pictures/png_image.hpp"
#include "tools/pictures/stroke_font.hpp"

namespace harpy::tools {

namespace {

constexpr double kScale = 2.0;  // pixels of the file for one of the picture
constexpr Colour kInk{0x33, 0x33, 0x33};
constexpr double kStrokeWidth = 0.09;  // of a letter's size

/// Pixels that are drawn on.
class Canvas {
 public:
  Canvas(int width, int height)
      : width_(width),
        height_(height),
        pixels_(3 * static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 255) {}

  std::string png() const {
    return encode_png({.width = width_, .height = height_, .palette = {}, .pixels = pixels_});
  }

  void draw(const PictureImage& image, const std::array<Colour, 256>& palette) {
    const int left = place(image.x);
    const int top = place(image.y);
    const int right = place(image.x + image.width);
    const int bottom = place(image.y + image.height);
    for (int y = std::max(0, top); y < std::min(bottom, height_); ++y) {
      const int row = (y - top) * image.rows / (bottom - top);
      for (int x = std::max(0, left); x < std::min(right, width_); ++x) {
        const int column = (x - left) * image.columns / (right - left);
        const std::size_t cell = static_cast<std::size_t>(row) * image.columns + column;
        std::copy_n(palette[image.cells[cell]].begin(), 3, pixel(x, y));
      }
    }
  }

  /// A line with round ends, its edge smoothed.
  void draw_stroke(const Stroke& stroke, double width) {
    const double radius = width / 2.0;
    const double dx = stroke.x2 - stroke.x1;
    const double dy = stroke.y2 - stroke.y1;
    const double length_squared = dx * dx + dy * dy;
    const auto first = [&](double a, double b) {
      return std::max(0, static_cast<int>(std::floor(std::min(a, b) - radius - 1.0)));
    };
    const auto last = [&](double a, double b, int limit) {
      return std::min(limit - 1, static_cast<int>(std::ceil(std::max(a, b) + radius + 1.0)));
    };
    for (int y = first(stroke.y1, stroke.y2); y <= last(stroke.y1, stroke.y2, height_); ++y) {
      for (int x = first(stroke.x1, stroke.x2); x <= last(stroke.x1, stroke.x2, width_); ++x) {
        const double px = x + 0.5 - stroke.x1;
        const double py = y + 0.5 - stroke.y1;
        const double along =
            length_squared > 0.0 ? std::clamp((px * dx + py * dy) / length_squared, 0.0, 1.0) : 0.0;
        const double distance = std::hypot(px - along * dx, py - along * dy);
        blend(x, y, std::clamp(radius + 0.5 - distance, 0.0, 1.0));
      }
    }
  }

  void draw(const PictureLine& line) {
    const auto end = [](double value) { return std::floor(value) + 0.5; };
    draw_stroke({kScale * end(line.x1), kScale * end(line.y1), kScale * end(line.x2),
                 kScale * end(line.y2)},
                kScale);
  }

  void draw(const PictureText& text) {
    const StrokedText letters = stroke_text(text.text);
    const double size = kScale * text.size;
    const double shift = text.anchor == TextAnchor::kStart    ? 0.0
                         : text.anchor == TextAnchor::kMiddle ? -letters.width / 2.0
                                                              : -letters.width;
    const double x = kScale * text.x;
    const double y = kScale * text.y;
    for (const Stroke& stroke : letters.strokes) {
      const double x1 = size * (stroke.x1 + shift);
      const double x2 = size * (stroke.x2 + shift);
      const double y1 = size * stroke.y1;
      const double y2 = size * stroke.y2;
      const Stroke placed = text.upwards ? Stroke{x + y1, y - x1, x + y2, y - x2}
                                         : Stroke{x + x1, y + y1, x + x2, y + y2};
      draw_stroke(placed, kStrokeWidth * size);
    }
  }

 private:
  static int place(double value) { return static_cast<int>(std::lround(kScale * value)); }

  std::uint8_t* pixel(int x, int y) {
    return pixels_.data() + 3 * (static_cast<std::size_t>(y) * width_ + x);
  }

  void blend(int x, int y, double share) {
    std::uint8_t* target = pixel(x, y);
    for (std::size_t i = 0; i < kInk.size(); ++i) {
      target[i] = static_cast<std::uint8_t>(
          std::lround(target[i] + share * (static_cast<double>(kInk[i]) - target[i])));
    }
  }

  int width_;
  int height_;
  std::vector<std::uint8_t> pixels_;  ///< [height, width, 3]
};

}  // namespace

std::string to_png(const Picture& picture) {
  Canvas canvas(static_cast<int>(std::ceil(kScale * picture.width)),
                static_cast<int>(std::ceil(kScale * picture.height)));
  for (const PictureImage& image : picture.images) canvas.draw(image, picture.palette);
  for (const PictureLine& line : picture.lines) canvas.draw(line);
  for (const PictureText& text : picture.texts) canvas.draw(text);
  return canvas.png();
}

}  // namespace harpy::tools

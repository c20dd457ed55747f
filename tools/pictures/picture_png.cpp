#include "tools/pictures/picture_png.hpp"

#include <cairo.h>

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numbers>
#include <stdexcept>

namespace harpy::tools {

namespace {

constexpr double kScale = 2.0;  // pixels of the file for one of the picture
constexpr double kInk = 0.2;    // of each colour of lines and letters

struct CairoDeleter {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* context) const { cairo_destroy(context); }
};
using Surface = std::unique_ptr<cairo_surface_t, CairoDeleter>;
using Context = std::unique_ptr<cairo_t, CairoDeleter>;

void check(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS) {
    throw std::runtime_error(std::string("the picture cannot be drawn: ") +
                             cairo_status_to_string(status));
  }
}

Surface make_surface(int width, int height) {
  Surface surface(cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height));
  check(cairo_surface_status(surface.get()));
  return surface;
}

Surface cells_surface(const PictureImage& image, const std::array<Colour, 256>& palette) {
  if (image.columns < 1 || image.rows < 1 ||
      image.cells.size() !=
          static_cast<std::size_t>(image.columns) * static_cast<std::size_t>(image.rows)) {
    throw std::invalid_argument("cells_png: " + std::to_string(image.cells.size()) + " cells for " +
                                std::to_string(image.columns) + " x " + std::to_string(image.rows));
  }
  Surface surface = make_surface(image.columns, image.rows);
  unsigned char* const pixels = cairo_image_surface_get_data(surface.get());
  const auto row_bytes = static_cast<std::size_t>(cairo_image_surface_get_stride(surface.get()));
  const auto columns = static_cast<std::size_t>(image.columns);
  for (std::size_t i = 0; i < image.cells.size(); ++i) {
    const Colour& colour = palette[image.cells[i]];
    auto* const row = reinterpret_cast<std::uint32_t*>(pixels + i / columns * row_bytes);
    row[i % columns] = static_cast<std::uint32_t>(colour[0]) << 16U |
                       static_cast<std::uint32_t>(colour[1]) << 8U | colour[2];
  }
  cairo_surface_mark_dirty(surface.get());
  return surface;
}

std::string png_of(cairo_surface_t* surface) {
  std::string bytes;
  const auto append = [](void* target, const unsigned char* data, unsigned count) {
    static_cast<std::string*>(target)->append(reinterpret_cast<const char*>(data), count);
    return CAIRO_STATUS_SUCCESS;
  };
  check(cairo_surface_write_to_png_stream(surface, append, &bytes));
  return bytes;
}

void draw(cairo_t* context, const PictureImage& image, const std::array<Colour, 256>& palette) {
  const Surface cells = cells_surface(image, palette);
  cairo_save(context);
  cairo_translate(context, image.x, image.y);
  cairo_scale(context, image.width / image.columns, image.height / image.rows);
  cairo_set_source_surface(context, cells.get(), 0.0, 0.0);
  cairo_pattern_set_filter(cairo_get_source(context), CAIRO_FILTER_NEAREST);
  cairo_rectangle(context, 0.0, 0.0, image.columns, image.rows);
  cairo_fill(context);
  cairo_restore(context);
}

void draw(cairo_t* context, const PictureLine& line) {
  const auto middle_of_pixel = [](double value) { return std::floor(value) + 0.5; };
  cairo_move_to(context, middle_of_pixel(line.x1), middle_of_pixel(line.y1));
  cairo_line_to(context, middle_of_pixel(line.x2), middle_of_pixel(line.y2));
  cairo_stroke(context);
}

void draw(cairo_t* context, const PictureText& text) {
  cairo_set_font_size(context, text.size);
  cairo_text_extents_t extents{};
  cairo_text_extents(context, text.text.c_str(), &extents);
  const double shift = text.anchor == TextAnchor::kStart    ? 0.0
                       : text.anchor == TextAnchor::kMiddle ? -extents.x_advance / 2.0
                                                            : -extents.x_advance;
  cairo_save(context);
  cairo_translate(context, text.x, text.y);
  if (text.upwards) cairo_rotate(context, -std::numbers::pi / 2.0);
  cairo_move_to(context, shift, 0.0);
  cairo_show_text(context, text.text.c_str());
  cairo_restore(context);
}

}  // namespace

std::string cells_png(const PictureImage& image, const std::array<Colour, 256>& palette) {
  return png_of(cells_surface(image, palette).get());
}

std::string to_png(const Picture& picture) {
  const Surface surface = make_surface(static_cast<int>(std::ceil(kScale * picture.width)),
                                       static_cast<int>(std::ceil(kScale * picture.height)));
  const Context context(cairo_create(surface.get()));
  cairo_scale(context.get(), kScale, kScale);
  cairo_set_source_rgb(context.get(), 1.0, 1.0, 1.0);
  cairo_paint(context.get());
  for (const PictureImage& image : picture.images) draw(context.get(), image, picture.palette);
  cairo_set_source_rgb(context.get(), kInk, kInk, kInk);
  cairo_set_line_width(context.get(), 1.0);
  for (const PictureLine& line : picture.lines) draw(context.get(), line);
  cairo_select_font_face(context.get(), "sans-serif", CAIRO_FONT_SLANT_NORMAL,
                         CAIRO_FONT_WEIGHT_NORMAL);
  for (const PictureText& text : picture.texts) draw(context.get(), text);
  check(cairo_status(context.get()));
  return png_of(surface.get());
}

}  // namespace harpy::tools

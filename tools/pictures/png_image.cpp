#include "tools/pictures/png_image.hpp"

#include <png.h>

#include <stdexcept>
#include <vector>

namespace harpy::tools {

namespace {

/// What libpng writes with; it leaves by longjmp on an error, so nothing with a destructor is made
/// between.
struct Writer {
  Writer() : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, this, &fail, nullptr)) {
    if (png != nullptr) info = png_create_info_struct(png);
  }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;
  ~Writer() { png_destroy_write_struct(&png, &info); }

  [[noreturn]] static void fail(png_structp png, png_const_charp what) {
    static_cast<Writer*>(png_get_error_ptr(png))->error = what;
    png_longjmp(png, 1);
  }

  png_structp png = nullptr;
  png_infop info = nullptr;
  std::string error;
  std::string bytes;
};

}  // namespace

std::string encode_png(const PngImage& image) {
  const bool has_palette = !image.palette.empty();
  const std::size_t row_bytes = static_cast<std::size_t>(image.width) * (has_palette ? 1 : 3);
  if (image.width < 1 || image.height < 1 || image.palette.size() > 256 ||
      image.pixels.size() != row_bytes * static_cast<std::size_t>(image.height)) {
    throw std::invalid_argument("encode_png: " + std::to_string(image.pixels.size()) +
                                " values for " + std::to_string(image.width) + " x " +
                                std::to_string(image.height) + " pixels");
  }
  std::vector<png_color> palette;
  for (const Colour& colour : image.palette) palette.push_back({colour[0], colour[1], colour[2]});
  std::vector<png_const_bytep> rows;
  rows.reserve(static_cast<std::size_t>(image.height));
  for (int y = 0; y < image.height; ++y) {
    rows.push_back(image.pixels.data() + static_cast<std::size_t>(y) * row_bytes);
  }
  Writer writer;
  if (writer.png == nullptr || writer.info == nullptr) {
    throw std::runtime_error("libpng cannot be used");
  }
  if (setjmp(png_jmpbuf(writer.png)) != 0) {
    throw std::runtime_error("libpng: " + writer.error);
  }
  png_set_write_fn(
      writer.png, &writer.bytes,
      [](png_structp png, png_bytep data, png_size_t count) {
        static_cast<std::string*>(png_get_io_ptr(png))
            ->append(reinterpret_cast<const char*>(data), count);
      },
      nullptr);
  png_set_IHDR(writer.png, writer.info, static_cast<png_uint_32>(image.width),
               static_cast<png_uint_32>(image.height), 8,
               has_palette ? PNG_COLOR_TYPE_PALETTE : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (has_palette) {
    png_set_PLTE(writer.png, writer.info, palette.data(), static_cast<int>(palette.size()));
  }
  png_write_info(writer.png, writer.info);
  for (const png_const_bytep row : rows) png_write_row(writer.png, row);
  png_write_end(writer.png, nullptr);
  return std::move(writer.bytes);
}

}  // namespace harpy::tools

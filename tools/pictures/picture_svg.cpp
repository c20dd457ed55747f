#include <array>

#include "tools/pictures/line_chart.hpp"
#include "tools/pictures/picture.hpp"
#include "tools/pictures/picture_png.hpp"

namespace harpy::tools {

namespace {

std::string attribute(const char* name, double value) {
  return " " + std::string(name) + "=\"" + number_text(value) + "\"";
}

std::string base64(const std::string& bytes) {
  constexpr const char* kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    unsigned group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8U | (j < count ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= count ? kDigits[group >> (18U - 6U * j) & 63U] : '=';
    }
  }
  return text;
}

std::string draw(const PictureText& text) {
  constexpr std::array<const char*, 3> kAnchors{"start", "middle", "end"};
  std::string element = "<text";
  if (text.upwards) {
    element += " transform=\"translate(" + number_text(text.x) + " " + number_text(text.y) +
               ") rotate(-90)\"";
  } else {
    element += attribute("x", text.x) + attribute("y", text.y);
  }
  if (text.size != PictureText{}.size) element += attribute("font-size", text.size);
  return element + " text-anchor=\"" + kAnchors[static_cast<std::size_t>(text.anchor)] + "\">" +
         escape_markup(text.text) + "</text>\n";
}

}  // namespace

std::string to_svg(const Picture& picture) {
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " +
                    number_text(picture.width) + " " + number_text(picture.height) + "\"" +
                    attribute("width", picture.width) + attribute("height", picture.height) +
                    attribute("font-size", PictureText{}.size) +
                    " font-family=\"sans-serif\" fill=\"#333\" role=\"img\">\n<title>" +
                    escape_markup(picture.description) +
                    "</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n";
  for (const PictureImage& image : picture.images) {
    svg += "<image" + attribute("x", image.x) + attribute("y", image.y) +
           attribute("width", image.width) + attribute("height", image.height) +
           " preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
           "href=\"data:image/png;base64," +
           base64(cells_png(image, picture.palette)) + "\"/>\n";
  }
  for (const PictureLine& line : picture.lines) {
    svg += "<line" + attribute("x1", line.x1) + attribute("y1", line.y1) +
           attribute("x2", line.x2) + attribute("y2", line.y2) + " stroke=\"#333\"/>\n";
  }
  for (const PictureText& text : picture.texts) svg += draw(text);
  return svg + "</svg>\n";
}

}  // namespace harpy::tools

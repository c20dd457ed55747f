#include <png.h>

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tools/pictures/colour_map.hpp"
#include "tools/pictures/picture.hpp"
#include "tools/pictures/picture_png.hpp"
#include "tools/pictures/spectrogram_image.hpp"

namespace harpy::tools {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct DecodedPng {
  int width = 0;
  int height = 0;
  std::vector<std::uint8_t> pixels;  ///< [height, width, 3]

  Colour at(int x, int y) const {
    const std::size_t place = 3 * (static_cast<std::size_t>(y) * width + x);
    return {pixels[place], pixels[place + 1], pixels[place + 2]};
  }
};

DecodedPng decode_png(const std::string& bytes) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  EXPECT_NE(png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()), 0);
  image.format = PNG_FORMAT_RGB;
  DecodedPng decoded{static_cast<int>(image.width), static_cast<int>(image.height), {}};
  decoded.pixels.resize(PNG_IMAGE_SIZE(image));
  EXPECT_NE(png_image_finish_read(&image, nullptr, decoded.pixels.data(), 0, nullptr), 0);
  return decoded;
}

PictureImage image_of(int columns, int rows, std::vector<std::uint8_t> cells) {
  return {.x = 0.0,
          .y = 0.0,
          .width = 0.0,
          .height = 0.0,
          .columns = columns,
          .rows = rows,
          .cells = std::move(cells)};
}

TEST(CellsPng, HasAPixelOfTheCellsColourForEach) {
  std::array<Colour, 256> palette{};
  for (std::size_t i = 0; i < 256; ++i) {
    palette[i] = {static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(3 * i % 256),
                  static_cast<std::uint8_t>(255 - i)};
  }
  std::vector<std::uint8_t> cells(7 * 5);
  for (std::size_t i = 0; i < cells.size(); ++i) cells[i] = static_cast<std::uint8_t>(7 * i);
  const DecodedPng decoded = decode_png(cells_png(image_of(7, 5, cells), palette));
  ASSERT_EQ(decoded.width, 7);
  ASSERT_EQ(decoded.height, 5);
  for (int y = 0; y < 5; ++y) {
    for (int x = 0; x < 7; ++x) {
      EXPECT_EQ(decoded.at(x, y), palette[cells[static_cast<std::size_t>(7 * y + x)]]);
    }
  }
}

TEST(CellsPng, RefusesCellsThatDoNotFit) {
  EXPECT_THROW(cells_png(image_of(2, 2, std::vector<std::uint8_t>(3)), {}), std::invalid_argument);
  EXPECT_THROW(cells_png(image_of(0, 0, {}), {}), std::invalid_argument);
}

TEST(ColourMap, BecomesEvenlyLighter) {
  const auto map = make_colour_map();
  const auto luminance = [](const Colour& colour) {
    const auto linear = [](std::uint8_t value) {
      const double share = value / 255.0;
      return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
    };
    return 0.2126 * linear(colour[0]) + 0.7152 * linear(colour[1]) + 0.0722 * linear(colour[2]);
  };
  // CIE 1976 lightness, another measure than the one that the map is made with.
  const auto lightness = [&](std::size_t i) {
    const double y = luminance(map[i]);
    return y > 0.008856 ? 116.0 * std::cbrt(y) - 16.0 : 903.3 * y;
  };
  for (std::size_t i = 0; i + 16 < map.size(); i += 8) {
    const double step = lightness(i + 16) - lightness(i);
    EXPECT_GT(step, 2.0) << i;
    EXPECT_LT(step, 11.0) << i;
  }
  EXPECT_LT(lightness(0), 5.0);
  EXPECT_GT(lightness(255), 93.0);
}

Picture small_picture() {
  Picture picture{
      .width = 40.0, .height = 30.0, .description = "a < b", .palette = make_colour_map()};
  picture.images.push_back(
      {.x = 4, .y = 5, .width = 20, .height = 10, .columns = 2, .rows = 1, .cells = {0, 255}});
  picture.lines.push_back({4.0, 20.0, 24.0, 20.0});
  picture.texts.push_back({.x = 30.0, .y = 28.0, .text = "x & y", .upwards = true});
  return picture;
}

TEST(Picture, AsSvgHasItsParts) {
  const std::string svg = to_svg(small_picture());
  EXPECT_EQ(svg.rfind("<svg", 0), 0U);
  EXPECT_THAT(svg, HasSubstr("<title>a &lt; b</title>"));
  EXPECT_THAT(svg, HasSubstr("<image x=\"4\" y=\"5\" width=\"20\" height=\"10\""));
  EXPECT_THAT(svg, HasSubstr("href=\"data:image/png;base64,iVBORw0KGgo"));
  EXPECT_THAT(svg, HasSubstr("<line x1=\"4\" y1=\"20\" x2=\"24\" y2=\"20\""));
  EXPECT_THAT(svg, HasSubstr("rotate(-90)"));
  EXPECT_THAT(svg, HasSubstr(">x &amp; y</text>"));
  EXPECT_EQ(svg.substr(svg.size() - 7), "</svg>\n");
}

TEST(Picture, AsPngIsTwiceAsLargeAndHasTheSameParts) {
  const Picture picture = small_picture();
  const DecodedPng png = decode_png(to_png(picture));
  EXPECT_EQ(png.width, 80);
  EXPECT_EQ(png.height, 60);
  EXPECT_EQ(png.at(0, 0), (Colour{255, 255, 255}));
  EXPECT_EQ(png.at(10, 20), picture.palette[0]);
  EXPECT_EQ(png.at(46, 20), picture.palette[255]);
  EXPECT_LT(png.at(30, 41)[0], 100) << "the line";
  int dark = 0;
  for (int y = 0; y < 60; ++y) {
    for (int x = 52; x < 62; ++x) dark += png.at(x, y)[0] < 128 ? 1 : 0;
  }
  EXPECT_GT(dark, 20) << "the text, upwards";
}

/// Where the letters of a text in the middle of a picture are dark: the least and greatest x.
std::pair<int, int> dark_columns(const std::string& text, TextAnchor anchor) {
  Picture picture{.width = 100.0, .height = 30.0, .description = "", .palette = {}};
  picture.texts.push_back({.x = 50.0, .y = 20.0, .text = text, .anchor = anchor});
  const DecodedPng png = decode_png(to_png(picture));
  std::pair<int, int> columns{png.width, 0};
  for (int x = 0; x < png.width; ++x) {
    for (int y = 0; y < png.height; ++y) {
      if (png.at(x, y)[0] > 128) continue;
      columns.first = std::min(columns.first, x);
      columns.second = std::max(columns.second, x);
    }
  }
  return columns;
}

TEST(Picture, AsPngAnchorsItsTexts) {
  const auto begin = dark_columns("Hz", TextAnchor::kStart);
  const int width = begin.second - begin.first;
  EXPECT_GT(width, 20) << "two letters of size 12, two pixels for one";
  EXPECT_NEAR(begin.first, 100, 6);
  const auto middle = dark_columns("Hz", TextAnchor::kMiddle);
  EXPECT_NEAR(middle.first + middle.second, 200, 6);
  const auto end = dark_columns("Hz", TextAnchor::kEnd);
  EXPECT_NEAR(end.second, 100, 6);
}

TEST(Picture, AsPngHasLettersBeyondAscii) {
  Picture picture{.width = 40.0, .height = 30.0, .description = "", .palette = {}};
  picture.texts.push_back({.x = 10.0, .y = 20.0, .text = "\u00e9"});
  const std::string accented = to_png(picture);
  picture.texts[0].text = "\u00fc";
  EXPECT_NE(accented, to_png(picture));
  picture.texts[0].text = "e";
  EXPECT_NE(accented, to_png(picture));
}

TEST(FrameColumns, KeepEveryFrameWhileThereIsRoomAndThenMeans) {
  FrameColumns columns(2, 4);
  for (int t = 0; t < 4; ++t) {
    columns.append(std::array{static_cast<float>(t), static_cast<float>(10 * t)});
  }
  EXPECT_EQ(columns.frames_per_column(), 1);
  EXPECT_THAT(columns.values(), ElementsAre(0, 0, 1, 10, 2, 20, 3, 30));
  for (int t = 4; t < 11; ++t) columns.append(std::array{static_cast<float>(t), 1.0F});
  EXPECT_EQ(columns.frame_count(), 11);
  EXPECT_EQ(columns.frames_per_column(), 4);
  EXPECT_THAT(columns.values(), ElementsAre(1.5F, 15.0F, 5.5F, 1.0F, 9.0F, 1.0F));
}

TEST(FrameColumns, StayFewOverHours) {
  FrameColumns columns(1, 1200);
  for (int t = 0; t < 720000; ++t) columns.append(std::array{1.0F});
  const auto values = columns.values();
  EXPECT_LE(values.size(), 1200U);
  EXPECT_GT(values.size(), 600U);
  EXPECT_EQ(values.front(), 1.0F);
  EXPECT_EQ(values.back(), 1.0F);
}

TEST(FrameColumns, RefuseImpossibleSizes) {
  EXPECT_THROW(FrameColumns(0, 4), std::invalid_argument);
  EXPECT_THROW(FrameColumns(1, 3), std::invalid_argument);
  FrameColumns columns(2, 4);
  EXPECT_THROW(columns.append(std::array{1.0F}), std::invalid_argument);
}

SpectrogramPanel panel_of(int rows, std::vector<float> values) {
  SpectrogramPanel panel{
      .title = "panel", .axis = {}, .row_count = rows, .values = std::move(values)};
  panel.axis.label = "rows";
  panel.axis.value_label = "value";
  panel.axis.ticks = {{0.5, "low"}, {1.5, "high"}};
  return panel;
}

std::vector<std::string> texts_of(const Picture& picture) {
  std::vector<std::string> texts;
  for (const PictureText& text : picture.texts) texts.push_back(text.text);
  return texts;
}

TEST(Spectrograms, PutTimeToTheRightAndRowsUpwards) {
  const SpectrogramPanel panel = panel_of(2, {0.0F, 1.0F, 0.5F, 0.0F, 1.0F, 0.0F});
  const Picture picture =
      draw_spectrograms({.title = "Title", .start_s = 0.0, .column_s = 0.5}, std::span(&panel, 1));
  ASSERT_EQ(picture.images.size(), 2U) << "values and colour scale";
  EXPECT_EQ(picture.images[0].columns, 3);
  EXPECT_EQ(picture.images[0].rows, 2);
  EXPECT_EQ(picture.images[0].cells.front(), 255) << "first column, upper row";
  EXPECT_EQ(picture.images[0].cells[3], 0) << "first column, lower row";
  EXPECT_EQ(picture.images[0].cells.back(), 255);
  EXPECT_THAT(texts_of(picture), ::testing::IsSupersetOf({"Title", "panel", "low", "high", "rows",
                                                          "value", "time in s", "0", "1.4", "1"}));
}

TEST(Spectrograms, LeaveOutTicksThatWouldTouch) {
  SpectrogramPanel panel = panel_of(2, {0.0F, 1.0F});
  panel.axis.ticks = {{1.0, "wanted"}, {1.01, "near"}};
  const auto texts = texts_of(
      draw_spectrograms({.title = "", .start_s = 0.0, .column_s = 1.0}, std::span(&panel, 1)));
  EXPECT_THAT(texts, ::testing::Contains("wanted"));
  EXPECT_THAT(texts, ::testing::Not(::testing::Contains("near")));
}

TEST(Spectrograms, GiveColoursToTheValuesThatAreNoLevel) {
  SpectrogramPanel panel = panel_of(3, {1000.0F, 0.0F, 1.0F});
  panel.axis.first_is_level = true;
  const Picture picture =
      draw_spectrograms({.title = "", .start_s = 0.0, .column_s = 1.0}, std::span(&panel, 1));
  EXPECT_THAT(picture.images[0].cells, ElementsAre(255, 0, 255));
}

TEST(Spectrograms, OfOneValueAreDrawn) {
  const SpectrogramPanel panel = panel_of(1, {3.0F});
  const Picture picture =
      draw_spectrograms({.title = "", .start_s = 0.0, .column_s = 0.01}, std::span(&panel, 1));
  EXPECT_FALSE(to_png(picture).empty());
}

TEST(Spectrograms, RefusePanelsThatDoNotFit) {
  const SpectrogramOptions options{.title = "", .start_s = 0.0, .column_s = 1.0};
  EXPECT_THROW(draw_spectrograms(options, {}), std::invalid_argument);
  for (const auto& values : {std::vector<float>{}, std::vector<float>{1, 2, 3}}) {
    const SpectrogramPanel panel = panel_of(2, values);
    EXPECT_THROW(draw_spectrograms(options, std::span(&panel, 1)), std::invalid_argument);
  }
  const std::vector<SpectrogramPanel> uneven{panel_of(1, {1, 2}), panel_of(1, {1, 2, 3})};
  EXPECT_THROW(draw_spectrograms(options, uneven), std::invalid_argument);
}

}  // namespace
}  // namespace harpy::tools

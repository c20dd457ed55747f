#include "tools/pictures/spectrogram_image.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>

#include "tools/pictures/colour_map.hpp"
#include "tools/pictures/line_chart.hpp"

namespace harpy::tools {

namespace {

// Pixels.
constexpr double kLeft = 72.0;
constexpr double kRight = 96.0;
constexpr double kTop = 38.0;
constexpr double kPanelTitle = 22.0;
constexpr double kPanelGap = 14.0;
constexpr double kBottom = 46.0;
constexpr double kLeastWidth = 600.0;
constexpr double kLeastHeight = 240.0;
constexpr double kTickLength = 4.0;
constexpr double kLeastTickGap = 15.0;
constexpr double kScaleLeft = 14.0;  // from the spectrogram to its colour scale
constexpr double kScaleWidth = 14.0;
constexpr int kTimeTicks = 11;
constexpr int kScaleTicks = 7;
constexpr double kLowShare = 0.01;
constexpr double kHighShare = 0.999;

struct ColourRange {
  double low = 0.0;
  double high = 1.0;
};

double shown_value(const SpectrogramAxis& axis, float value) {
  return axis.is_power ? 10.0 * std::log10(std::max(value, 1e-10F)) : value;
}

/// What the colours stand for: a level among the values would leave none for the rest.
ColourRange colour_range(const SpectrogramPanel& panel) {
  std::vector<double> values;
  for (std::size_t i = 0; i < panel.values.size(); ++i) {
    const bool is_level = i % static_cast<std::size_t>(panel.row_count) == 0;
    if (is_level && panel.axis.first_is_level && panel.row_count > 1) continue;
    values.push_back(shown_value(panel.axis, panel.values[i]));
  }
  const auto percentile = [&](double share, auto round) {
    const double place = round(share * static_cast<double>(values.size() - 1));
    const auto value = values.begin() + static_cast<std::ptrdiff_t>(place);
    std::nth_element(values.begin(), value, values.end());
    return *value;
  };
  const ColourRange range{percentile(kLowShare, [](double place) { return std::floor(place); }),
                          percentile(kHighShare, [](double place) { return std::ceil(place); })};
  return range.high > range.low ? range : ColourRange{range.low - 0.5, range.low + 0.5};
}

/// Adds panels to a picture from the top to the bottom.
class SpectrogramDrawer {
 public:
  SpectrogramDrawer(const SpectrogramOptions& options, int column_count)
      : options_(options),
        column_count_(column_count),
        width_(column_count * std::max(1.0, std::ceil(kLeastWidth / column_count))) {
    picture_.description = options.title;
    picture_.palette = make_colour_map();
    picture_.width = kLeft + width_ + kRight;
    picture_.texts.push_back({.x = kLeft, .y = 22.0, .text = options.title, .size = 14.0});
  }

  void add(const SpectrogramPanel& panel) {
    if (!panel.title.empty()) {
      picture_.texts.push_back({.x = kLeft, .y = top_ + 13.0, .text = panel.title});
      top_ += kPanelTitle;
    }
    height_ = panel.row_count * std::max(1.0, std::ceil(kLeastHeight / panel.row_count));
    const ColourRange range = colour_range(panel);
    draw_values(panel, range);
    draw_row_axis(panel);
    draw_colour_scale(panel, range);
    top_ += height_ + kPanelGap;
  }

  Picture finish() {
    top_ -= kPanelGap;
    draw_time_axis();
    picture_.height = top_ + kBottom;
    return std::move(picture_);
  }

 private:
  void add_line(double x1, double y1, double x2, double y2) {
    picture_.lines.push_back({x1, y1, x2, y2});
  }

  void draw_frame(double x, double width) {
    add_line(x, top_, x + width, top_);
    add_line(x, top_ + height_, x + width, top_ + height_);
    add_line(x, top_, x, top_ + height_);
    add_line(x + width, top_, x + width, top_ + height_);
  }

  void draw_values(const SpectrogramPanel& panel, const ColourRange& range) {
    PictureImage image{.x = kLeft,
                       .y = top_,
                       .width = width_,
                       .height = height_,
                       .columns = column_count_,
                       .rows = panel.row_count,
                       .cells = std::vector<std::uint8_t>(panel.values.size())};
    for (int column = 0; column < column_count_; ++column) {
      for (int row = 0; row < panel.row_count; ++row) {
        const auto source = static_cast<std::size_t>(column) * panel.row_count + row;
        const auto target =
            static_cast<std::size_t>(panel.row_count - 1 - row) * column_count_ + column;
        const double share =
            (shown_value(panel.axis, panel.values[source]) - range.low) / (range.high - range.low);
        image.cells[target] =
            static_cast<std::uint8_t>(std::lround(255.0 * std::clamp(share, 0.0, 1.0)));
      }
    }
    picture_.images.push_back(std::move(image));
    draw_frame(kLeft, width_);
  }

  void draw_row_axis(const SpectrogramPanel& panel) {
    std::vector<double> used;
    for (const AxisTick& tick : panel.axis.ticks) {
      const double y = top_ + height_ * (1.0 - tick.place / panel.row_count);
      if (std::any_of(used.begin(), used.end(),
                      [y](double other) { return std::abs(y - other) < kLeastTickGap; })) {
        continue;
      }
      used.push_back(y);
      add_line(kLeft - kTickLength, y, kLeft, y);
      picture_.texts.push_back({.x = kLeft - kTickLength - 3.0,
                                .y = y + 4.0,
                                .text = tick.label,
                                .anchor = TextAnchor::kEnd});
    }
    picture_.texts.push_back({.x = 16.0,
                              .y = top_ + height_ / 2.0,
                              .text = panel.axis.label,
                              .anchor = TextAnchor::kMiddle,
                              .upwards = true});
  }

  void draw_colour_scale(const SpectrogramPanel& panel, const ColourRange& range) {
    const double left = kLeft + width_ + kScaleLeft;
    PictureImage image{.x = left,
                       .y = top_,
                       .width = kScaleWidth,
                       .height = height_,
                       .columns = 1,
                       .rows = 256,
                       .cells = {}};
    for (int row = 0; row < 256; ++row) {
      image.cells.push_back(static_cast<std::uint8_t>(255 - row));
    }
    picture_.images.push_back(std::move(image));
    draw_frame(left, kScaleWidth);
    for (const double tick : axis_ticks(range.low, range.high, kScaleTicks)) {
      if (tick < range.low || tick > range.high) continue;
      const double y = top_ + height_ * (1.0 - (tick - range.low) / (range.high - range.low));
      add_line(left + kScaleWidth, y, left + kScaleWidth + kTickLength, y);
      picture_.texts.push_back(
          {.x = left + kScaleWidth + kTickLength + 3.0, .y = y + 4.0, .text = number_text(tick)});
    }
    picture_.texts.push_back(
        {.x = picture_.width - 10.0,
         .y = top_ + height_ / 2.0,
         .text = panel.axis.value_label + (panel.axis.is_power ? " in dB" : ""),
         .anchor = TextAnchor::kMiddle,
         .upwards = true});
  }

  void draw_time_axis() {
    const double end_s = options_.start_s + column_count_ * options_.column_s;
    for (const double tick : axis_ticks(options_.start_s, end_s, kTimeTicks)) {
      // The first column begins a little after 0 s, where a tick belongs nevertheless.
      if (tick < options_.start_s - options_.column_s || tick > end_s) continue;
      const double x =
          kLeft + width_ * std::max(0.0, (tick - options_.start_s) / (end_s - options_.start_s));
      add_line(x, top_, x, top_ + kTickLength);
      picture_.texts.push_back({.x = x,
                                .y = top_ + kTickLength + 13.0,
                                .text = number_text(tick),
                                .anchor = TextAnchor::kMiddle});
    }
    picture_.texts.push_back({.x = kLeft + width_ / 2.0,
                              .y = top_ + 37.0,
                              .text = "time in s",
                              .anchor = TextAnchor::kMiddle});
  }

  const SpectrogramOptions& options_;
  const int column_count_;
  const double width_;
  double top_ = kTop;
  double height_ = 0.0;
  Picture picture_;
};

}  // namespace

FrameColumns::FrameColumns(int value_count, int max_columns)
    : value_count_(static_cast<std::size_t>(value_count)),
      max_columns_(static_cast<std::size_t>(max_columns)) {
  if (value_count < 1 || max_columns < 2 || max_columns % 2 != 0) {
    throw std::invalid_argument(
        "FrameColumns: expected values and an even number of columns, got " +
        std::to_string(value_count) + " and " + std::to_string(max_columns));
  }
}

void FrameColumns::append(std::span<const float> frame) {
  if (frame.size() != value_count_) {
    throw std::invalid_argument("FrameColumns: expected " + std::to_string(value_count_) +
                                " values, got " + std::to_string(frame.size()));
  }
  if (columns_.empty() || last_frames_ == frames_per_column_) {
    if (columns_.size() == max_columns_ * value_count_) merge_pairs();
    columns_.resize(columns_.size() + value_count_);
    last_frames_ = 0;
  }
  const auto last = columns_.end() - static_cast<std::ptrdiff_t>(value_count_);
  std::transform(frame.begin(), frame.end(), last, last,
                 [](float value, double sum) { return sum + value; });
  ++last_frames_;
  ++frame_count_;
}

void FrameColumns::merge_pairs() {
  for (std::size_t column = 0; column < max_columns_ / 2; ++column) {
    for (std::size_t i = 0; i < value_count_; ++i) {
      columns_[column * value_count_ + i] =
          columns_[2 * column * value_count_ + i] + columns_[(2 * column + 1) * value_count_ + i];
    }
  }
  columns_.resize(max_columns_ / 2 * value_count_);
  frames_per_column_ *= 2;
}

std::vector<float> FrameColumns::values() const {
  std::vector<float> means(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const bool is_last = i + value_count_ >= columns_.size();
    means[i] = static_cast<float>(columns_[i] /
                                  static_cast<double>(is_last ? last_frames_ : frames_per_column_));
  }
  return means;
}

Picture draw_spectrograms(const SpectrogramOptions& options,
                          std::span<const SpectrogramPanel> panels) {
  const auto columns_of = [](const SpectrogramPanel& panel) {
    return panel.row_count > 0 ? panel.values.size() / static_cast<std::size_t>(panel.row_count)
                               : 0;
  };
  for (const SpectrogramPanel& panel : panels) {
    if (panel.values.empty() || columns_of(panel) != columns_of(panels.front()) ||
        panel.values.size() % static_cast<std::size_t>(panel.row_count) != 0) {
      throw std::invalid_argument("draw_spectrograms: " + std::to_string(panel.values.size()) +
                                  " values for " + std::to_string(panel.row_count) + " rows");
    }
  }
  if (panels.empty()) throw std::invalid_argument("draw_spectrograms: no panel");
  SpectrogramDrawer drawer(options, static_cast<int>(columns_of(panels.front())));
  for (const SpectrogramPanel& panel : panels) drawer.add(panel);
  return drawer.finish();
}

}  // namespace harpy::tools

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tools/pictures/picture.hpp"

namespace harpy::tools {

/// Rows of frames, kept as at most so many columns: neighbours are averaged as they become too
/// many, each column of equally many frames but for the last.
class FrameColumns {
 public:
  /// `max_columns`: even, at least 2. Errors: std::invalid_argument.
  FrameColumns(int value_count, int max_columns);

  /// Shapes: frame [value_count].
  void append(std::span<const float> frame);

  std::int64_t frame_count() const { return frame_count_; }
  std::int64_t frames_per_column() const { return frames_per_column_; }
  /// Row-major [columns, value_count], the unfinished last column included.
  std::vector<float> values() const;

 private:
  void merge_pairs();

  std::size_t value_count_;
  std::size_t max_columns_;
  std::int64_t frame_count_ = 0;
  std::int64_t frames_per_column_ = 1;
  std::vector<double> columns_;   ///< sums over frames
  std::int64_t last_frames_ = 0;  ///< frames in the last column
};

/// A mark on an axis of rows: row r lies from r to r + 1.
struct AxisTick {
  double place = 0.0;
  std::string label;
};

/// What the rows of a spectrogram and their values stand for.
struct SpectrogramAxis {
  std::string label;            ///< of the axis along the rows
  std::vector<AxisTick> ticks;  ///< the most wanted ones first
  std::string value_label;      ///< what a value is, with its unit
  bool first_is_level = false;  ///< row 0 is the level of the column, of another size than the rest
  bool is_power = false;        ///< the values are energies, which are drawn in decibels
};

/// One spectrogram among those that a picture shows below each other.
struct SpectrogramPanel {
  std::string title;  ///< may be empty
  SpectrogramAxis axis;
  int row_count = 0;
  std::vector<float> values;  ///< [columns, rows]; row 0 is drawn at the bottom
};

struct SpectrogramOptions {
  std::string title;
  double start_s = 0.0;   ///< where the first column begins
  double column_s = 0.0;  ///< how long a column lasts
};

/// Draws panels with a time axis in seconds, an axis of their rows and a colour scale. Colours
/// reach from the 1st to the 99.9th percentile of a panel's values.
/// Errors: std::invalid_argument for a panel without columns or of the wrong size.
Picture draw_spectrograms(const SpectrogramOptions& options,
                          std::span<const SpectrogramPanel> panels);

}  // namespace harpy::tools

#pragma once

#include <string_view>
#include <vector>

namespace harpy::tools {

/// A straight stroke of a letter, in units of the letters' size.
struct Stroke {
  double x1 = 0.0;
  double y1 = 0.0;
  double x2 = 0.0;
  double y2 = 0.0;
};

/// A line of text drawn with strokes: x from 0 to `width`, y 0 on the base line and growing
/// downwards.
struct StrokedText {
  std::vector<Stroke> strokes;
  double width = 0.0;
};

/// Draws ASCII text as strokes for letters of size 1; each letter beyond ASCII (in UTF-8), and each
/// sign without a drawing, is a box.
StrokedText stroke_text(std::string_view text);

}  // namespace harpy::tools

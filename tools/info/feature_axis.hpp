#pragma once

#include <string>
#include <vector>

#include "frontend/feature_extractor.hpp"

namespace harpy::tools {

/// A mark on an axis of rows: row r lies from r to r + 1.
struct AxisTick {
  double place = 0.0;
  std::string label;
};

/// What the values of a frame, before deltas, stand for.
struct FeatureAxis {
  std::vector<std::string> names;  ///< of each value: "1000.0Hz", "c3", "energy"
  std::string label;               ///< of the axis along the values
  std::vector<AxisTick> ticks;     ///< the most wanted ones first
  std::string value_label;         ///< what a value is, with its unit
  bool first_is_level = false;     ///< value 0 is the level of the frame, of another size
  bool is_power = false;           ///< energies, which are drawn in decibels
};

FeatureAxis feature_axis(const FeatureExtractor& extractor);

/// The names of all values of a frame, deltas included: "d1 " stands before slopes, "d2 " before
/// slopes of slopes.
std::vector<std::string> feature_names(const FeatureExtractor& extractor);

}  // namespace harpy::tools

#pragma once

#include <string>
#include <vector>

#include "frontend/feature_extractor.hpp"
#include "tools/pictures/spectrogram_image.hpp"

namespace harpy::tools {

/// The axis along the values of a frame, before deltas.
SpectrogramAxis feature_axis(const FeatureExtractor& extractor);

/// The names of all values of a frame, such as "1000.0Hz", "c3" and "energy". Deltas are included:
/// "d1 " stands before slopes, "d2 " before slopes of slopes.
std::vector<std::string> feature_names(const FeatureExtractor& extractor);

}  // namespace harpy::tools

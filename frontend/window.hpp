#pragma once

#include <vector>

#include "frontend/feature_options.hpp"

namespace harpy {

/// The weights of a window over `length` samples, n = 0 .. length - 1, with c = cos(2 pi n /
/// (length - 1)):
///   hann 0.5 - 0.5 c;  hamming 0.54 - 0.46 c;  povey (0.5 - 0.5 c)^0.85;  rectangular 1.
/// Errors: std::invalid_argument for fewer than 2 samples.
std::vector<float> make_window(WindowKind kind, int length);

}  // namespace harpy

#pragma once

#include <cmath>
#include <cstdint>

namespace harpy {

/// The least mean square that Backend::rms_normalize divides by; below it a row is only scaled.
inline constexpr float kLeastMeanSquare = 0x1p-66F;

/// The factor of a row of rms_normalize from the sum of its squares.
constexpr float rms_factor(float target_rms, float squares, std::int64_t dim) {
  const float mean_square = squares / static_cast<float>(dim);
  return target_rms / std::sqrt(mean_square > kLeastMeanSquare ? mean_square : kLeastMeanSquare);
}

/// s in the gradient of a row, dx = factor * (dy - s x); `products` is the sum of dy x.
constexpr float rms_slope(float squares, float products, std::int64_t dim) {
  return squares / static_cast<float>(dim) > kLeastMeanSquare ? products / squares : 0.0F;
}

}  // namespace harpy

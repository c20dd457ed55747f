#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <vector>

#include "acoustic/backend/backend.hpp"

namespace harpy::testing {

/// Values uniform in [low, high).
inline std::vector<float> random_values(std::int64_t count, std::mt19937& random, float low = -1.0F,
                                        float high = 1.0F) {
  std::uniform_real_distribution<float> uniform(low, high);
  std::vector<float> values(static_cast<std::size_t>(count));
  for (float& value : values) value = uniform(random);
  return values;
}

inline Tensor random_tensor(const Backend& backend, const Shape& shape, std::mt19937& random,
                            float low = -1.0F, float high = 1.0F) {
  return backend.from_host(shape, random_values(shape.size(), random, low, high));
}

/// The largest absolute difference; infinite if the counts differ.
inline double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return std::numeric_limits<double>::infinity();
  double largest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(double{a[i]} - double{b[i]}));
  }
  return largest;
}

}  // namespace harpy::testing

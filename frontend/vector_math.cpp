#include "frontend/vector_math.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace harpy::vector_math {
namespace {

using Lanes [[gnu::vector_size(32)]] = float;
constexpr std::size_t kLaneCount = 8;
constexpr std::int32_t kSqrtHalfBits = 0x3F3504F3;

[[gnu::always_inline]] inline void load(const float* values, Lanes& lanes) {
  std::memcpy(&lanes, values, sizeof(lanes));
}

/// Adds up the lanes pairwise.
[[gnu::always_inline]] inline float total(const Lanes& lanes) {
  std::array<float, kLaneCount> values;
  std::memcpy(values.data(), &lanes, sizeof(lanes));
  for (std::size_t width = kLaneCount / 2; width > 0; width /= 2) {
    for (std::size_t lane = 0; lane < width; ++lane) values[lane] += values[lane + width];
  }
  return values[0];
}

/// Range reduction to 2^e * m with m in [sqrt(1/2), sqrt(2)) and the polynomial of Cephes' logf
/// (Moshier, 1992); for normal positive x.
[[gnu::always_inline]] inline float logarithm(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - kSqrtHalfBits) >> 23;
  const float m = std::bit_cast<float>(bits - exponent * (1 << 23)) - 1.0F;
  const auto e = static_cast<float>(exponent);
  float p = 7.0376836292e-2F;
  p = p * m - 1.1514610310e-1F;
  p = p * m + 1.1676998740e-1F;
  p = p * m - 1.2420140846e-1F;
  p = p * m + 1.4249322787e-1F;
  p = p * m - 1.6668057665e-1F;
  p = p * m + 2.0000714765e-1F;
  p = p * m - 2.4999993993e-1F;
  p = p * m + 3.3333331174e-1F;
  const float square = m * m;
  float y = p * m * square;
  y += -2.12194440e-4F * e;
  y -= 0.5F * square;
  return (m + y) + 0.693359375F * e;
}

}  // namespace

[[gnu::target_clones("avx512f", "avx2", "default")]] float sum(const float* x, std::size_t count) {
  Lanes lanes{};
  std::size_t i = 0;
  for (; i + kLaneCount <= count; i += kLaneCount) {
    Lanes next;
    load(x + i, next);
    lanes += next;
  }
  float result = total(lanes);
  for (; i < count; ++i) result += x[i];
  return result;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] float sum_of_squares(const float* x,
                                                                          std::size_t count) {
  Lanes lanes{};
  std::size_t i = 0;
  for (; i + kLaneCount <= count; i += kLaneCount) {
    Lanes next;
    load(x + i, next);
    lanes += next * next;
  }
  float result = total(lanes);
  for (; i < count; ++i) result += x[i] * x[i];
  return result;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add(const float* y, std::size_t count,
                                                              float* x) {
  for (std::size_t i = 0; i < count; ++i) x[i] += y[i];
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void subtract(const float* x, float offset,
                                                                   std::size_t count, float* y) {
  for (std::size_t i = 0; i < count; ++i) y[i] = x[i] - offset;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void emphasize_and_window(
    const float* __restrict x, float factor, const float* __restrict window, std::size_t count,
    float* __restrict y) {
  if (count == 0) return;
  y[0] = (x[0] - factor * x[0]) * window[0];
  for (std::size_t i = 1; i < count; ++i) y[i] = (x[i] - factor * x[i - 1]) * window[i];
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void square_roots(float* x,
                                                                       std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = std::sqrt(x[i]);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void floored_logarithms(float* x, float floor,
                                                                             std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) x[i] = logarithm(x[i] > floor ? x[i] : floor);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void multiply_row(
    const float* __restrict x, const float* __restrict weights, std::size_t rows,
    std::size_t columns, float* __restrict y) {
  for (std::size_t j = 0; j < columns; ++j) y[j] = 0.0F;
  for (std::size_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < columns; ++j) y[j] += x[i] * weights[i * columns + j];
  }
}

}  // namespace harpy::vector_math

#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

namespace harpy::cpu {

/// Sixteen floats that the compiler maps to the widest registers of the function's target.
using Lanes [[gnu::vector_size(64)]] = float;
inline constexpr std::int64_t kLaneCount = 16;

/// Operations of reduce, on a float or on Lanes.
struct Add {
  template <typename T>
  [[gnu::always_inline]] void operator()(T& total, const T& x) const {
    total += x;
  }
};
struct AddSquare {
  template <typename T>
  [[gnu::always_inline]] void operator()(T& total, const T& x) const {
    total += x * x;
  }
};
struct TakeLarger {
  template <typename T>
  [[gnu::always_inline]] void operator()(T& total, const T& x) const {
    total = x > total ? x : total;
  }
};

/// Accumulates x[0 .. count) lane by lane from `initial`, then combines the lanes pairwise and adds
/// the rest: always in the same order. `initial` must be neutral to `combine`, or one of the
/// values.
template <typename Accumulate, typename Combine>
[[gnu::always_inline]] inline float reduce(const float* x, std::int64_t count, float initial,
                                           const Accumulate& accumulate, const Combine& combine) {
  Lanes lanes;
  for (std::int64_t lane = 0; lane < kLaneCount; ++lane) lanes[lane] = initial;
  std::int64_t i = 0;
  for (; i + kLaneCount <= count; i += kLaneCount) {
    Lanes next;
    std::memcpy(&next, x + i, sizeof(next));
    accumulate(lanes, next);
  }
  std::array<float, kLaneCount> totals;
  std::memcpy(totals.data(), &lanes, sizeof(totals));
  for (std::int64_t width = kLaneCount / 2; width > 0; width /= 2) {
    for (std::int64_t lane = 0; lane < width; ++lane) combine(totals[lane], totals[lane + width]);
  }
  for (; i < count; ++i) accumulate(totals[0], x[i]);
  return totals[0];
}

/// exp(x) within 2 units in the last place for x in [-87, 88]; x outside is moved to the nearer
/// end. Range reduction to 2^n * exp(r), |r| <= ln 2 / 2, and the polynomial of Cephes' expf
/// (Moshier, 1992).
[[gnu::always_inline]] inline float exp_bounded(float x) {
  constexpr float kRoundToInteger =
      12582912.0F;  // 1.5 * 2^23: adding it leaves n in the low mantissa bits
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  const float shifted = x * 1.44269504088896341F + kRoundToInteger;
  const float n = shifted - kRoundToInteger;
  const float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const std::uint32_t exponent = std::bit_cast<std::uint32_t>(shifted) << 23;
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(p) + exponent);
}

/// tanh(x) within 4 units in the last place: the polynomial of Cephes' tanhf (Moshier, 1992) near
/// zero, 1 - 2 / (exp(2 |x|) + 1) with the sign of x elsewhere.
[[gnu::always_inline]] inline float tanh_value(float x) {
  const float size = x < 0.0F ? -x : x;
  const float far = 1.0F - 2.0F / (exp_bounded(2.0F * size) + 1.0F);
  const float z = x * x;
  float p = -5.70498872745e-3F;
  p = p * z + 2.06390887954e-2F;
  p = p * z - 5.37397155531e-2F;
  p = p * z + 1.33314422036e-1F;
  p = p * z - 3.33332819422e-1F;
  const float near = p * z * x + x;
  return size < 0.625F ? near : (x < 0.0F ? -far : far);
}

}  // namespace harpy::cpu

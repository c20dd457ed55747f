#pragma once

#include <bit>
#include <cstdint>

/// Non-negative numbers without underflow, for sums over paths.
namespace harpy::forward_backward {

/// mantissa * 2^exponent with mantissa in [1, 2), or 0 with kZeroExponent. The relative precision
/// is that of float whatever the magnitude, and a sum needs no logarithm.
struct ScaledFloat {
  float mantissa;
  std::int32_t exponent;
};

/// Exponent of zero. Smaller numbers become zero and exponents above its negation saturate: three
/// exponents can be added within 32 bits.
inline constexpr std::int32_t kZeroExponent = -(1 << 28);

/// Natural logarithms are limited to this; below its negation they are taken as those of zero.
inline constexpr float kLogLimit = 1e5F;

/// exp(x). Range reduction to 2^n * exp(r), |r| <= ln 2 / 2, and the polynomial of Cephes' expf
/// (Moshier, 1992).
[[gnu::always_inline]] constexpr ScaledFloat exp_scaled(float x) {
  constexpr float kRoundToInteger = 12582912.0F;  // 1.5 * 2^23: leaves n in the low mantissa bits
  const bool is_zero = !(x > -kLogLimit);
  const float limited = x < kLogLimit ? x : kLogLimit;
  const float bounded = is_zero ? 0.0F : limited;
  const float n = (bounded * 1.44269504088896341F + kRoundToInteger) - kRoundToInteger;
  const float r = (bounded - n * 0.693359375F) - n * -2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * r * r + r + 1.0F;
  const auto bits = std::bit_cast<std::int32_t>(p);
  const std::int32_t exponent = static_cast<std::int32_t>(n) + ((bits >> 23) - 127);
  const std::int32_t mantissa = (bits & 0x007FFFFF) | 0x3F800000;
  return {std::bit_cast<float>(is_zero ? 0 : mantissa), is_zero ? kZeroExponent : exponent};
}

/// 2^exponent for an exponent up to 127; zero below -126.
constexpr float power_of_two(std::int32_t exponent) {
  return std::bit_cast<float>((exponent > -127 ? exponent + 127 : 0) << 23);
}

/// A sum of terms mantissa * 2^exponent, each mantissa 0 or in [1, 8).
class ScaledSum {
 public:
  constexpr void add(float mantissa, std::int32_t exponent) {
    if (exponent > exponent_) {
      mantissa_ = mantissa_ * power_of_two(exponent_ - exponent) + mantissa;
      exponent_ = exponent;
    } else {
      mantissa_ += mantissa * power_of_two(exponent - exponent_);
    }
  }

  /// The sum divided by 2^shift.
  constexpr ScaledFloat value(std::int32_t shift = 0) const {
    const auto bits = std::bit_cast<std::int32_t>(mantissa_);
    const std::int32_t unlimited = exponent_ - shift + ((bits >> 23) - 127);
    const std::int32_t exponent = unlimited < -kZeroExponent ? unlimited : -kZeroExponent;
    if (bits == 0 || exponent <= kZeroExponent) return {0.0F, kZeroExponent};
    return {std::bit_cast<float>((bits & 0x007FFFFF) | 0x3F800000), exponent};
  }

 private:
  float mantissa_ = 0.0F;
  std::int32_t exponent_ = kZeroExponent;
};

}  // namespace harpy::forward_backward

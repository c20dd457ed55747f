#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

namespace harpy {

/// The value of an IEEE 754 half-precision number (binary16) with these bits.
inline float from_float16(std::uint16_t bits) {
  constexpr int kFractionBits = 10;
  constexpr int kBias = 15;
  constexpr std::uint32_t kFractionMask = (1U << kFractionBits) - 1;
  constexpr std::uint32_t kExponentMask = 31;
  const std::uint32_t fraction = bits & kFractionMask;
  const std::uint32_t exponent = (bits >> static_cast<unsigned>(kFractionBits)) & kExponentMask;
  const auto magnitude = [&]() -> float {
    if (exponent == kExponentMask) {
      return fraction == 0 ? std::numeric_limits<float>::infinity()
                           : std::numeric_limits<float>::quiet_NaN();
    }
    if (exponent == 0) return std::ldexp(static_cast<float>(fraction), 1 - kBias - kFractionBits);
    return std::ldexp(static_cast<float>(fraction + kFractionMask + 1),
                      static_cast<int>(exponent) - kBias - kFractionBits);
  }();
  return (bits & 0x8000U) != 0 ? -magnitude : magnitude;
}

}  // namespace harpy

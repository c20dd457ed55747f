#pragma once

#include <bit>
#include <cstdint>

namespace harpy {

/// A number in IEEE 754 half precision, as bits: 11 significant bits, finite up to 65504. Features
/// in memory are held in this form, which takes half of the memory of float32.
struct Half {
  std::uint16_t bits = 0;

  bool operator==(const Half&) const = default;
};

/// Rounds to nearest, ties to even; larger values become the largest finite one, NaN becomes zero.
inline Half to_half(float value) {
  constexpr float kLargest = 65504.0F;
  if (!(value == value)) return {};
  const float clamped = value > kLargest ? kLargest : value < -kLargest ? -kLargest : value;
  const auto sign =
      static_cast<std::uint16_t>((std::bit_cast<std::uint32_t>(clamped) >> 16) & 0x8000U);
  const float magnitude = clamped < 0.0F ? -clamped : clamped;
  if (magnitude < 0x1.0p-14F) {
    // Subnormal: a multiple of 2^-24, which the sum with 0.5 rounds to.
    const float sum = magnitude + 0.5F;
    return {static_cast<std::uint16_t>(sign | (std::bit_cast<std::uint32_t>(sum) - 0x3F000000U))};
  }
  const auto bits = std::bit_cast<std::uint32_t>(magnitude);
  const std::uint32_t rounded = bits + 0xFFFU + ((bits >> 13) & 1U);
  return {static_cast<std::uint16_t>(sign | ((rounded - (112U << 23)) >> 13))};
}

/// The value of a half as a float, which is exact.
inline float to_float(Half half) {
  const std::uint32_t magnitude = static_cast<std::uint32_t>(half.bits & 0x7FFFU) << 13;
  const float value = std::bit_cast<float>(magnitude) * 0x1.0p112F;
  return (half.bits & 0x8000U) != 0 ? -value : value;
}

}  // namespace harpy

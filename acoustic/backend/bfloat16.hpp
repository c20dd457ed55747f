#pragma once

#include <bit>
#include <cstdint>

/// bfloat16: the upper half of a float32's bits (Abadi et al., TensorFlow, 2015). The same code on
/// host and device.
namespace harpy {

/// The bits of the bfloat16 nearest to x, of two equally near ones the even one; beyond the largest
/// it is infinity. A NaN stays one, with its sign and the upper bits of its payload.
constexpr std::uint16_t to_bfloat16(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const bool is_nan = (bits & 0x7FFFFFFFU) > 0x7F800000U;
  const std::uint32_t quiet = bits | 0x00400000U;
  const std::uint32_t rounded = bits + 0x7FFFU + ((bits >> 16) & 1U);
  return static_cast<std::uint16_t>((is_nan ? quiet : rounded) >> 16);
}

constexpr float from_bfloat16(std::uint16_t bits) {
  return std::bit_cast<float>(std::uint32_t{bits} << 16);
}

}  // namespace harpy

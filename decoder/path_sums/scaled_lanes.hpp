#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "decoder/path_sums/scaled_number.hpp"

/// Scaled numbers of several utterances side by side, each in a lane of its own: as arrays in
/// memory (LaneFloats, LaneInts, ScaledLanes) and as vectors within a function (Vectors, Scaled).
/// With one lane a vector is a plain number and takes the same steps, so that an utterance gets the
/// same bits either way.
///
/// Vectors go by reference through functions that are always inlined and never lie in memory that
/// functions share: their alignment and the way they are passed depend on the instruction set.
namespace harpy::forward_backward {

template <int kLanes>
struct LaneFloats {
  alignas(4 * kLanes) float lane[kLanes];
};
template <int kLanes>
struct LaneInts {
  alignas(4 * kLanes) std::int32_t lane[kLanes];
};
template <int kLanes>
struct ScaledLanes {
  LaneFloats<kLanes> mantissa;
  LaneInts<kLanes> exponent;
};

/// Vector types that the compiler maps to the widest registers of the function's target.
template <int kLanes>
struct Vectors {
  using Real [[gnu::vector_size(4 * kLanes)]] = float;
  using Int [[gnu::vector_size(4 * kLanes)]] = std::int32_t;
};
template <>
struct Vectors<1> {
  using Real = float;
  using Int = std::int32_t;
};

template <int kLanes>
struct Scaled {
  typename Vectors<kLanes>::Real mantissa;
  typename Vectors<kLanes>::Int exponent;
};

template <typename Memory, typename Vector>
[[gnu::always_inline]] inline void load(const Memory& memory, Vector& x) {
  static_assert(sizeof(Memory) == sizeof(Vector));
  std::memcpy(&x, &memory, sizeof(x));
}
template <typename Vector, typename Memory>
[[gnu::always_inline]] inline void store(const Vector& x, Memory& memory) {
  static_assert(sizeof(Memory) == sizeof(Vector));
  std::memcpy(&memory, &x, sizeof(x));
}

/// x becomes the larger of x and y.
template <typename Int>
[[gnu::always_inline]] inline void raise_to(Int& x, const Int& y) {
  x = x > y ? x : y;
}

/// factor *= 2^exponent for an exponent up to 127; below -126 it becomes zero.
template <typename Real, typename Int>
[[gnu::always_inline]] inline void scale_by_power(Real& factor, const Int& exponent) {
  Int bits = exponent + 127;
  bits = (bits > 0 ? bits : Int{}) << 23;
  Real power;
  std::memcpy(&power, &bits, sizeof(power));
  factor *= power;
}

/// Brings the mantissa of a sum, 0 or in [2^-126, 2^127), back into [1, 2).
template <int kLanes>
[[gnu::always_inline]] inline void normalize(Scaled<kLanes>& x) {
  using Int = typename Vectors<kLanes>::Int;
  Int bits;
  std::memcpy(&bits, &x.mantissa, sizeof(bits));
  const Int least = Int{} + kZeroExponent;
  const Int largest = Int{} - kZeroExponent;
  Int exponent = x.exponent + ((bits >> 23) - 127);
  exponent = exponent < largest ? exponent : largest;
  const auto is_zero = (bits == 0) | (exponent <= least);
  x.exponent = is_zero ? least : exponent;
  bits = is_zero ? Int{} : (bits & 0x007FFFFF) | 0x3F800000;
  std::memcpy(&x.mantissa, &bits, sizeof(bits));
}

/// x += y, not normalized.
template <int kLanes>
[[gnu::always_inline]] inline void add(const Scaled<kLanes>& y, Scaled<kLanes>& x) {
  auto exponent = x.exponent;
  raise_to(exponent, y.exponent);
  auto addend = y.mantissa;
  scale_by_power(addend, y.exponent - exponent);
  scale_by_power(x.mantissa, x.exponent - exponent);
  x.mantissa += addend;
  x.exponent = exponent;
}

}  // namespace harpy::forward_backward

#pragma once

#include <cstddef>

namespace harpy::fft_passes {

/// Complex numbers with real and imaginary parts apart.
struct Complexes {
  float* re;
  float* im;
};
struct ConstComplexes {
  const float* re;
  const float* im;
};

/// One pass of Stockham's algorithm, of radix r: with m = count / r,
///   y[q + stride * (r * p + j)] = w^(j p) * sum over a of exp(-2 pi i a j / r) * x[q + stride * (p
///   + a m)],  w = exp(-2 pi i / count),  p = 0 .. m - 1,  q = 0 .. stride - 1,  j = 0 .. r - 1.
/// Then count / r numbers are left to transform, r * stride times.
struct Pass {
  std::size_t count = 0;
  std::size_t stride = 1;
};

/// Radix 16, stride 1; count is a multiple of 128. Roots: w^(j p) as [16, count / 16].
void pass_16(std::size_t count, ConstComplexes x, ConstComplexes roots, Complexes y);

/// Radix 4. Roots: w^p, w^2p, w^3p as [count / 4, 3].
void pass_4(const Pass& pass, ConstComplexes x, ConstComplexes roots, Complexes y);

/// Radix 2; count is 2.
void pass_2(std::size_t stride, ConstComplexes x, Complexes y);

/// Even values become real parts, odd ones imaginary parts. Shapes: x [2 * count], y [count].
void split(const float* x, std::size_t count, Complexes y);

/// Power spectrum of a real signal of 2 * count values from the transform z of its split form.
/// Roots: exp(-2 pi i k / (2 * count)), k = 0 .. count / 2. Shapes: z [count], scratch [count / 2 +
/// 1], power [count + 1].
void squared_magnitudes(std::size_t count, ConstComplexes z, ConstComplexes roots, float* scratch,
                        float* power);

}  // namespace harpy::fft_passes

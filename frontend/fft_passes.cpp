#include "frontend/fft_passes.hpp"

#include <array>

namespace harpy::fft_passes {
namespace {

constexpr std::size_t kLaneCount = 8;
using Lanes [[gnu::vector_size(32)]] = float;
using Quad [[gnu::vector_size(16)]] = float;

constexpr float kCos = 0.92387953251128676F;  // of pi / 8
constexpr float kSin = 0.38268343236508977F;
constexpr float kSqrtHalf = 0.70710678118654752F;

/// One complex number, or one in each lane.
template <typename Real>
struct Complex {
  Real re;
  Real im;
};
using ComplexLanes = Complex<Lanes>;

/// A Real within an array of floats.
template <typename Real>
struct [[gnu::packed, gnu::may_alias]] Unaligned {
  Real value;
};

template <typename Real>
[[gnu::always_inline]] inline void load(const float* array, Real& value) {
  value = reinterpret_cast<const Unaligned<Real>*>(array)->value;
}
template <typename Real>
[[gnu::always_inline]] inline void store(const Real& value, float* array) {
  reinterpret_cast<Unaligned<Real>*>(array)->value = value;
}

template <typename Real>
[[gnu::always_inline]] inline void load(ConstComplexes array, std::size_t index,
                                        Complex<Real>& value) {
  load(array.re + index, value.re);
  load(array.im + index, value.im);
}
template <typename Real>
[[gnu::always_inline]] inline void store(const Complex<Real>& value, std::size_t index,
                                         Complexes array) {
  store(value.re, array.re + index);
  store(value.im, array.im + index);
}

template <typename Root, typename Real>
[[gnu::always_inline]] inline void multiply(const Complex<Root>& root, Complex<Real>& x) {
  const Real re = x.re * root.re - x.im * root.im;
  x.im = x.re * root.im + x.im * root.re;
  x.re = re;
}

/// Four numbers become their transform, in order.
template <typename Real>
[[gnu::always_inline]] inline void transform_4(Complex<Real>& a, Complex<Real>& b, Complex<Real>& c,
                                               Complex<Real>& d) {
  const Complex<Real> even_sum{a.re + c.re, a.im + c.im};
  const Complex<Real> even_difference{a.re - c.re, a.im - c.im};
  const Complex<Real> odd_sum{b.re + d.re, b.im + d.im};
  const Complex<Real> odd_difference{b.re - d.re, b.im - d.im};
  a = {even_sum.re + odd_sum.re, even_sum.im + odd_sum.im};
  b = {even_difference.re + odd_difference.im, even_difference.im - odd_difference.re};
  c = {even_sum.re - odd_sum.re, even_sum.im - odd_sum.im};
  d = {even_difference.re - odd_difference.im, even_difference.im + odd_difference.re};
}

/// The butterfly of radix 4 from x[from + a * from_step] to y[to + j * to_step].
template <typename Real>
[[gnu::always_inline]] inline void butterfly_4(ConstComplexes x, std::size_t from,
                                               std::size_t from_step,
                                               const std::array<Complex<float>, 3>& roots,
                                               Complexes y, std::size_t to, std::size_t to_step) {
  Complex<Real> a;
  Complex<Real> b;
  Complex<Real> c;
  Complex<Real> d;
  load(x, from, a);
  load(x, from + from_step, b);
  load(x, from + 2 * from_step, c);
  load(x, from + 3 * from_step, d);
  transform_4(a, b, c, d);
  multiply(roots[0], b);
  multiply(roots[1], c);
  multiply(roots[2], d);
  store(a, to, y);
  store(b, to + to_step, y);
  store(c, to + 2 * to_step, y);
  store(d, to + 3 * to_step, y);
}

/// Sixteen numbers x[4 a + b] become their transform; number c + 4 d of it is left in x[4 c + d].
[[gnu::always_inline]] inline void transform_16(std::array<ComplexLanes, 16>& x) {
#pragma GCC unroll 4
  for (std::size_t b = 0; b < 4; ++b) transform_4(x[b], x[4 + b], x[8 + b], x[12 + b]);
  multiply(Complex<float>{kCos, -kSin}, x[5]);
  multiply(Complex<float>{kSqrtHalf, -kSqrtHalf}, x[6]);
  multiply(Complex<float>{kSin, -kCos}, x[7]);
  multiply(Complex<float>{kSqrtHalf, -kSqrtHalf}, x[9]);
  multiply(Complex<float>{0.0F, -1.0F}, x[10]);
  multiply(Complex<float>{-kSqrtHalf, -kSqrtHalf}, x[11]);
  multiply(Complex<float>{kSin, -kCos}, x[13]);
  multiply(Complex<float>{-kSqrtHalf, -kSqrtHalf}, x[14]);
  multiply(Complex<float>{-kCos, kSin}, x[15]);
#pragma GCC unroll 4
  for (std::size_t c = 0; c < 4; ++c)
    transform_4(x[4 * c], x[4 * c + 1], x[4 * c + 2], x[4 * c + 3]);
}

/// y[column][row] = x[row][column], in blocks of four by four. Shapes: x [16, kLaneCount], y
/// [kLaneCount, 16].
[[gnu::always_inline]] inline void transpose(const float* x, float* y) {
  for (std::size_t row = 0; row < 16; row += 4) {
    for (std::size_t column = 0; column < kLaneCount; column += 4) {
      std::array<Quad, 4> r;
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
        load(x + (row + i) * kLaneCount + column, r[i]);
      }
      const Quad low_01 = __builtin_shufflevector(r[0], r[1], 0, 4, 1, 5);
      const Quad high_01 = __builtin_shufflevector(r[0], r[1], 2, 6, 3, 7);
      const Quad low_23 = __builtin_shufflevector(r[2], r[3], 0, 4, 1, 5);
      const Quad high_23 = __builtin_shufflevector(r[2], r[3], 2, 6, 3, 7);
      r[0] = __builtin_shufflevector(low_01, low_23, 0, 1, 4, 5);
      r[1] = __builtin_shufflevector(low_01, low_23, 2, 3, 6, 7);
      r[2] = __builtin_shufflevector(high_01, high_23, 0, 1, 4, 5);
      r[3] = __builtin_shufflevector(high_01, high_23, 2, 3, 6, 7);
#pragma GCC unroll 4
      for (std::size_t i = 0; i < 4; ++i) {
        store(r[i], y + (column + i) * 16 + row);
      }
    }
  }
}

}  // namespace

[[gnu::target_clones("avx512f", "avx2", "default")]] void pass_16(std::size_t count,
                                                                  ConstComplexes x,
                                                                  ConstComplexes roots,
                                                                  Complexes y) {
  const std::size_t m = count / 16;
  for (std::size_t p = 0; p < m; p += kLaneCount) {
    std::array<ComplexLanes, 16> values;
#pragma GCC unroll 16
    for (std::size_t a = 0; a < 16; ++a) load(x, a * m + p, values[a]);
    transform_16(values);
    std::array<float, 16 * kLaneCount> re;
    std::array<float, 16 * kLaneCount> im;
#pragma GCC unroll 16
    for (std::size_t j = 0; j < 16; ++j) {
      ComplexLanes& value = values[4 * (j % 4) + j / 4];
      ComplexLanes root;
      load(roots, j * m + p, root);
      multiply(root, value);
      store(value, j * kLaneCount, {re.data(), im.data()});
    }
    transpose(re.data(), y.re + 16 * p);
    transpose(im.data(), y.im + 16 * p);
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void pass_4(const Pass& pass, ConstComplexes x,
                                                                 ConstComplexes roots,
                                                                 Complexes y) {
  const std::size_t s = pass.stride;
  const std::size_t m = pass.count / 4;
  for (std::size_t p = 0; p < m; ++p) {
    std::array<Complex<float>, 3> root;
    for (std::size_t j = 0; j < 3; ++j) load(roots, 3 * p + j, root[j]);
    std::size_t q = 0;
    for (; q + kLaneCount <= s; q += kLaneCount) {
      butterfly_4<Lanes>(x, s * p + q, s * m, root, y, 4 * s * p + q, s);
    }
    for (; q < s; ++q) butterfly_4<float>(x, s * p + q, s * m, root, y, 4 * s * p + q, s);
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void pass_2(std::size_t stride,
                                                                 ConstComplexes x, Complexes y) {
  const float* __restrict x_re = x.re;
  const float* __restrict x_im = x.im;
  float* __restrict y_re = y.re;
  float* __restrict y_im = y.im;
  for (std::size_t q = 0; q < stride; ++q) {
    y_re[q] = x_re[q] + x_re[q + stride];
    y_im[q] = x_im[q] + x_im[q + stride];
    y_re[q + stride] = x_re[q] - x_re[q + stride];
    y_im[q + stride] = x_im[q] - x_im[q + stride];
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void split(const float* x, std::size_t count,
                                                                Complexes y) {
  float* __restrict re = y.re;
  float* __restrict im = y.im;
  for (std::size_t i = 0; i < count; ++i) {
    re[i] = x[2 * i];
    im[i] = x[2 * i + 1];
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void squared_magnitudes(
    std::size_t count, ConstComplexes z, ConstComplexes roots, float* __restrict mirrored,
    float* __restrict power) {
  // With e and o the transforms of the even and the odd values, e[k] = (z[k] + conj z[-k]) / 2 and
  // o[k] = (z[k] - conj z[-k]) / 2i, the spectrum is e[k] + root[k] o[k], and its mirror image
  // conj(e[k] - root[k] o[k]).
  const float first_sum = z.re[0] + z.im[0];
  const float first_difference = z.re[0] - z.im[0];
  power[0] = first_sum * first_sum;
  power[count] = first_difference * first_difference;
  for (std::size_t k = 1; k <= count / 2; ++k) {
    const float e_re = 0.5F * (z.re[k] + z.re[count - k]);
    const float e_im = 0.5F * (z.im[k] - z.im[count - k]);
    const float o_re = 0.5F * (z.im[k] + z.im[count - k]);
    const float o_im = 0.5F * (z.re[count - k] - z.re[k]);
    const float t_re = roots.re[k] * o_re - roots.im[k] * o_im;
    const float t_im = roots.re[k] * o_im + roots.im[k] * o_re;
    power[k] = (e_re + t_re) * (e_re + t_re) + (e_im + t_im) * (e_im + t_im);
    mirrored[k] = (e_re - t_re) * (e_re - t_re) + (e_im - t_im) * (e_im - t_im);
  }
  for (std::size_t k = 1; k < count / 2; ++k) power[count - k] = mirrored[k];
}

}  // namespace harpy::fft_passes

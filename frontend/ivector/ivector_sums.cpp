#include "frontend/ivector/ivector_sums.hpp"

#include <cstddef>

namespace harpy::ivector_sums {
namespace {

/// Neighbouring values, at any place.
template <typename Value>
using Lanes [[gnu::vector_size(32), gnu::aligned(alignof(Value)), gnu::may_alias]] = Value;
template <typename Value>
inline constexpr std::size_t kLanes = 32 / sizeof(Value);

template <typename Value>
[[gnu::always_inline]] inline const Lanes<Value>& lanes_at(const Value* place) {
  return *reinterpret_cast<const Lanes<Value>*>(place);
}

/// y[j] += sum over i of factor x[i] weights[i, j] for kVectors vectors of columns; the rows of
/// weights have `stride` values. The sums stay in registers from row to row, and none waits for
/// another.
template <std::size_t kVectors, typename Value>
[[gnu::always_inline]] inline void add_columns(Value factor, std::span<const float> x,
                                               const Value* weights, std::size_t stride, Value* y) {
  Lanes<Value> sums[kVectors];
  for (std::size_t v = 0; v < kVectors; ++v) sums[v] = lanes_at(y + v * kLanes<Value>);
  for (std::size_t i = 0; i < x.size(); ++i) {
    const Value scaled = factor * static_cast<Value>(x[i]);
    for (std::size_t v = 0; v < kVectors; ++v) {
      sums[v] += scaled * lanes_at(weights + i * stride + v * kLanes<Value>);
    }
  }
  for (std::size_t v = 0; v < kVectors; ++v) {
    *reinterpret_cast<Lanes<Value>*>(y + v * kLanes<Value>) = sums[v];
  }
}

/// The same for as many of `vector_count` vectors as there are, at most kMost. Returns how many.
template <std::size_t kMost, typename Value>
[[gnu::always_inline]] inline std::size_t add_vectors(std::size_t vector_count, Value factor,
                                                      std::span<const float> x,
                                                      const Value* weights, std::size_t stride,
                                                      Value* y) {
  if constexpr (kMost == 0) {
    return 0;
  } else if (vector_count < kMost) {
    return add_vectors<kMost - 1>(vector_count, factor, x, weights, stride, y);
  } else {
    add_columns<kMost>(factor, x, weights, stride, y);
    return kMost;
  }
}

/// The same for all columns.
template <typename Value>
[[gnu::always_inline]] inline void add_rows(Value factor, std::span<const float> x,
                                            const Value* weights, std::span<Value> y) {
  constexpr std::size_t kMost = 8;  // that registers hold
  const std::size_t count = y.size();
  std::size_t j = 0;
  while (j + kLanes<Value> <= count) {
    j += kLanes<Value> *
         add_vectors<kMost>((count - j) / kLanes<Value>, factor, x, weights + j, count, &y[j]);
  }
  for (; j < count; ++j) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      y[j] += factor * static_cast<Value>(x[i]) * weights[i * count + j];
    }
  }
}

}  // namespace

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_product(std::span<const float> x,
                                                                      const float* weights,
                                                                      std::span<float> y) {
  add_rows(1.0F, x, weights, y);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_scaled_product(
    double factor, std::span<const float> x, const double* weights, std::span<double> y) {
  add_rows(factor, x, weights, y);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_scaled(double factor, const double* x,
                                                                     std::span<double> y) {
  for (std::size_t j = 0; j < y.size(); ++j) y[j] += factor * x[j];
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_quadratic(std::span<const float> x,
                                                                        const float* linear,
                                                                        const float* square,
                                                                        std::span<float> y) {
  float* __restrict const sums = y.data();
  for (std::size_t i = 0; i < x.size(); ++i) {
    const float* __restrict const first = linear + i * y.size();
    const float* __restrict const second = square + i * y.size();
    for (std::size_t j = 0; j < y.size(); ++j) {
      sums[j] += x[i] * first[j] + x[i] * x[i] * second[j];
    }
  }
}

}  // namespace harpy::ivector_sums

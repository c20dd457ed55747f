#include "frontend/ivector/ivector_sums.hpp"

#include <cstddef>

namespace harpy::ivector_sums {
namespace {

/// y[j] += factor x[j] for arrays that do not overlap.
template <typename Value>
[[gnu::always_inline]] inline void add_row(Value factor, const Value* __restrict x,
                                           Value* __restrict y, std::size_t count) {
  for (std::size_t j = 0; j < count; ++j) y[j] += factor * x[j];
}

}  // namespace

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_product(std::span<const float> x,
                                                                      const float* weights,
                                                                      std::span<float> y) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    add_row(x[i], weights + i * y.size(), y.data(), y.size());
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_scaled_product(
    double factor, std::span<const float> x, const double* weights, std::span<double> y) {
  for (std::size_t i = 0; i < x.size(); ++i) {
    add_row(factor * x[i], weights + i * y.size(), y.data(), y.size());
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_scaled(double factor, const double* x,
                                                                     std::span<double> y) {
  add_row(factor, x, y.data(), y.size());
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

#include "acoustic/backend/cpu/elementwise_kernels.hpp"

#include <cmath>

#include "acoustic/backend/cpu/lanes.hpp"

namespace harpy::cpu {

[[gnu::target_clones("avx512f", "avx2", "default")]] void fill(float value, float* y,
                                                               std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = value;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void scale(float factor, float* y,
                                                                std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] *= factor;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void add_scaled(float factor,
                                                                     const float* __restrict x,
                                                                     float* __restrict y,
                                                                     std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] += factor * x[i];
}

[[gnu::target_clones("avx512f", "avx2", "default")]] float sum_of_squares(const float* x,
                                                                          std::int64_t count) {
  return reduce(x, count, 0.0F, AddSquare{}, Add{});
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void relu(const float* __restrict x,
                                                               float* __restrict y,
                                                               std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] > 0.0F ? x[i] : 0.0F;
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void relu_backward(const float* __restrict y,
                                                                        const float* __restrict dy,
                                                                        float* __restrict dx,
                                                                        std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float gradient = dy[i];
    dx[i] = y[i] > 0.0F ? gradient : 0.0F;
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void adam_update(
    const AdamFactors& factors, const float* __restrict gradient, float* __restrict parameter,
    float* __restrict first_moment, float* __restrict second_moment, std::int64_t count) {
  const AdamFactors f = factors;
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float m = f.beta1 * first_moment[i] + (1.0F - f.beta1) * g;
    const float v = f.beta2 * second_moment[i] + (1.0F - f.beta2) * g * g;
    first_moment[i] = m;
    second_moment[i] = v;
    const float direction =
        m * f.first_correction / (std::sqrt(v * f.second_correction) + f.epsilon);
    parameter[i] -= f.learning_rate * (direction + f.weight_decay * parameter[i]);
  }
}

}  // namespace harpy::cpu

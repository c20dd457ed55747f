#include "acoustic/backend/cpu/elementwise_kernels.hpp"

#include <cmath>

#include "acoustic/backend/bfloat16.hpp"
#include "acoustic/backend/cpu/lanes.hpp"
#include "acoustic/backend/random_bits.hpp"

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

[[gnu::target_clones("avx512f", "avx2", "default")]] void clear_negative(float* x,
                                                                         std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) x[i] = x[i] > 0.0F ? x[i] : 0.0F;
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

[[gnu::target_clones("avx512f", "avx2", "default")]] void sigmoid(const float* __restrict x,
                                                                  float* __restrict y,
                                                                  std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = 1.0F / (1.0F + exp_bounded(-x[i]));
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void sigmoid_backward(
    const float* __restrict y, const float* __restrict dy, float* __restrict dx,
    std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) dx[i] = dy[i] * y[i] * (1.0F - y[i]);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void tanh(const float* __restrict x,
                                                               float* __restrict y,
                                                               std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = tanh_value(x[i]);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void tanh_backward(const float* __restrict y,
                                                                        const float* __restrict dy,
                                                                        float* __restrict dx,
                                                                        std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) dx[i] = dy[i] * (1.0F - y[i] * y[i]);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void round_to_bfloat16(
    const float* __restrict x, float* __restrict y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = from_bfloat16(to_bfloat16(x[i]));
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void convert_to_bfloat16(
    const float* __restrict x, std::uint16_t* __restrict y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = to_bfloat16(x[i]);
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void take_larger(const float* __restrict x,
                                                                      float* __restrict y,
                                                                      std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] > y[i] ? x[i] : y[i];
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void pass_to_equal(const float* __restrict x,
                                                                        const float* __restrict y,
                                                                        float* __restrict remaining,
                                                                        float* __restrict dx,
                                                                        std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const float passed = x[i] == y[i] ? remaining[i] : 0.0F;
    dx[i] += passed;
    remaining[i] -= passed;
  }
}

[[gnu::target_clones("avx512f", "avx2", "default")]] void dropout(const DropoutFactors& factors,
                                                                  std::int64_t first,
                                                                  const float* __restrict x,
                                                                  float* __restrict y,
                                                                  std::int64_t count) {
  // Each draw of 64 bits serves four values.
  const DropoutFactors f = factors;
  for (std::int64_t i = 0; i < count; i += 4) {
    const std::uint64_t bits = random_bits(f.key, static_cast<std::uint64_t>((first + i) / 4));
    const std::int64_t end = count - i < 4 ? count - i : 4;
    for (std::int64_t j = 0; j < end; ++j) {
      const auto part = static_cast<std::uint32_t>(bits >> (16 * j)) & 0xFFFFU;
      y[i + j] = part >= f.threshold ? x[i + j] * f.factor : 0.0F;
    }
  }
}

AdamFactors adam_factors(const AdamStep& step) {
  const auto exponent = static_cast<double>(step.step);
  return {
      .learning_rate = step.learning_rate,
      .beta1 = step.beta1,
      .beta2 = step.beta2,
      .epsilon = step.epsilon,
      .weight_decay = step.weight_decay,
      .first_correction = static_cast<float>(1.0 / (1.0 - std::pow(double{step.beta1}, exponent))),
      .second_correction =
          static_cast<float>(1.0 / (1.0 - std::pow(double{step.beta2}, exponent)))};
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

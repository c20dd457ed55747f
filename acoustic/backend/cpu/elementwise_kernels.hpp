#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

/// Loops over `count` values, compiled for several instruction sets and chosen when the program
/// starts.
namespace harpy::cpu {

void fill(float value, float* y, std::int64_t count);
void scale(float factor, float* y, std::int64_t count);
void add_scaled(float factor, const float* x, float* y, std::int64_t count);
/// Sum of x^2 in float, precise enough for pieces of some thousand values.
float sum_of_squares(const float* x, std::int64_t count);
void relu(const float* x, float* y, std::int64_t count);
/// x = max(x, 0).
void clear_negative(float* x, std::int64_t count);
void relu_backward(const float* y, const float* dy, float* dx, std::int64_t count);
void sigmoid(const float* x, float* y, std::int64_t count);
void sigmoid_backward(const float* y, const float* dy, float* dx, std::int64_t count);
void tanh(const float* x, float* y, std::int64_t count);
void tanh_backward(const float* y, const float* dy, float* dx, std::int64_t count);

/// y = x rounded to bfloat16.
void round_to_bfloat16(const float* x, float* y, std::int64_t count);
/// The bits of x rounded to bfloat16.
void convert_to_bfloat16(const float* x, std::uint16_t* y, std::int64_t count);

/// y = max(x, y).
void take_larger(const float* x, float* y, std::int64_t count);
/// Where x equals y: adds `remaining`, the gradient that nobody has got yet, to dx and sets it to
/// zero.
void pass_to_equal(const float* x, const float* y, float* remaining, float* dx, std::int64_t count);

/// Dropout of values [first, first + count) of an array; first is a multiple of 4.
/// y = x * factor where 16 random bits are at least `threshold`, else 0.
struct DropoutFactors {
  std::uint64_t key;
  std::uint32_t threshold;
  float factor;
};
void dropout(const DropoutFactors& factors, std::int64_t first, const float* x, float* y,
             std::int64_t count);

/// Adam's constants, and the bias corrections of its current step.
struct AdamFactors {
  float learning_rate, beta1, beta2, epsilon, weight_decay;
  float first_correction;   ///< 1 / (1 - beta1^step)
  float second_correction;  ///< 1 / (1 - beta2^step)
};
AdamFactors adam_factors(const AdamStep& step);
void adam_update(const AdamFactors& factors, const float* gradient, float* parameter,
                 float* first_moment, float* second_moment, std::int64_t count);

}  // namespace harpy::cpu

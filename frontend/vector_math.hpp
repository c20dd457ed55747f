#pragma once

#include <cstddef>

namespace harpy::vector_math {

/// The loops over a frame that decide the speed of the front end. Each gives the same bits on every
/// x86-64 processor: sums have a fixed order and products are never fused with additions.

/// Sum of x [count].
float sum(const float* x, std::size_t count);

/// Sum of squares of x [count].
float sum_of_squares(const float* x, std::size_t count);

/// x[i] += y[i].
void add(const float* y, std::size_t count, float* x);

/// y[i] = x[i] - offset.
void subtract(const float* x, float offset, std::size_t count, float* y);

/// y[i] = (x[i] - factor * x[i - 1]) * window[i], where x[-1] stands for x[0].
void emphasize_and_window(const float* x, float factor, const float* window, std::size_t count,
                          float* y);

/// x[i] = sqrt(x[i]).
void square_roots(float* x, std::size_t count);

/// x[i] = ln(max(x[i], floor)) within 2 units in the last place; floor is a normal positive number.
void floored_logarithms(float* x, float floor, std::size_t count);

/// y[j] = sum over i of x[i] * weights[i][j]. Shapes: x [rows], weights [rows, columns], y
/// [columns].
void multiply_row(const float* x, const float* weights, std::size_t rows, std::size_t columns,
                  float* y);

}  // namespace harpy::vector_math

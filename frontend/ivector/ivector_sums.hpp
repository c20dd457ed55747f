#pragma once

#include <span>

namespace harpy::ivector_sums {

/// The loops that decide what i-vectors cost. Each gives the same bits on every x86-64 processor:
/// sums have a fixed order and products are never fused with additions.

/// y[j] += sum over i of x[i] weights[i, j]. Shapes: x [rows], weights [rows, columns], y
/// [columns].
void add_product(std::span<const float> x, const float* weights, std::span<float> y);

/// y[j] += sum over i of factor x[i] weights[i, j]. Shapes: as add_product.
void add_scaled_product(double factor, std::span<const float> x, const double* weights,
                        std::span<double> y);

/// y[j] += factor x[j].
void add_scaled(double factor, const double* x, std::span<double> y);

/// y[j] += sum over i of x[i] linear[i, j] + x[i]^2 square[i, j]. Shapes: as add_product.
void add_quadratic(std::span<const float> x, const float* linear, const float* square,
                   std::span<float> y);

}  // namespace harpy::ivector_sums

#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "acoustic/layers/layer.hpp"
#include "tests/acoustic/random_values.hpp"

namespace harpy::testing {

/// Where and how closely numeric and analytic gradients are compared.
struct GradientCheckOptions {
  double step = 1e-2;          ///< of the central difference
  double tolerance = 2e-3;     ///< of a derivative, relative to the largest of its tensor,
                               ///< or to one if that is larger
  std::size_t positions = 60;  ///< compared of each tensor, drawn at random
};

/// Sum of values times weights in double: a scalar function of all of a layer's outputs.
inline double projection(const std::vector<float>& values, const std::vector<float>& weights) {
  double sum = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) sum += double{values[i]} * weights[i];
  return sum;
}

/// Compares `analytic`, the gradient of `function` with respect to `variable`, with central
/// differences (f(v + step) - f(v - step)) / (2 step).
inline void expect_gradient(Backend& backend, const std::function<double()>& function,
                            TensorView variable, const std::vector<float>& analytic,
                            const std::string& name, std::mt19937& random,
                            const GradientCheckOptions& options = {}) {
  const std::vector<float> original = backend.to_host(variable);
  ASSERT_EQ(analytic.size(), original.size()) << name;
  double scale = 1.0;
  for (const float value : analytic) scale = std::max(scale, std::abs(double{value}));
  const auto value_at = [&](std::size_t i, double shift) {
    std::vector<float> moved = original;
    moved[i] = static_cast<float>(moved[i] + shift);
    backend.copy(backend.from_host(variable.shape, moved), variable);
    return std::pair(function(), double{moved[i]});
  };
  for (std::size_t n = 0; n < std::min(options.positions, original.size()); ++n) {
    const std::size_t i = original.size() <= options.positions ? n : random() % original.size();
    const auto [above, high] = value_at(i, options.step);
    const auto [below, low] = value_at(i, -options.step);
    const double numeric = (above - below) / (high - low);
    EXPECT_NEAR(analytic[i], numeric, options.tolerance * scale) << name << " at " << i;
  }
  backend.copy(backend.from_host(variable.shape, original), variable);
}

/// Compares all gradients of a layer at x with numeric ones, and checks that parameter gradients
/// accumulate and that dx is left out when it is not needed.
inline void expect_layer_gradients(Backend& backend, Layer& layer, Tensor x, std::mt19937& random,
                                   const GradientCheckOptions& options = {}) {
  for (Parameter* parameter : layer.parameters()) {
    parameter->gradient = backend.zeros(parameter->value.shape());
  }
  SavedForwardPtr saved;
  const Tensor y = layer.forward(backend, x, &saved);
  const std::vector<float> weights = random_values(y.size(), random);
  const Tensor dy = backend.from_host(y.shape(), weights);
  const Tensor dx = layer.backward(backend, {x, y, dy, saved.get(), true});
  ASSERT_EQ(dx.shape(), x.shape());

  const auto function = [&] {
    SavedForwardPtr ignored;
    return projection(backend.to_host(layer.forward(backend, x, &ignored)), weights);
  };
  expect_gradient(backend, function, x, backend.to_host(dx), "input", random, options);
  for (Parameter* parameter : layer.parameters()) {
    const std::vector<float> gradient = backend.to_host(parameter->gradient);
    expect_gradient(backend, function, parameter->value, gradient, parameter->name, random,
                    options);
  }

  std::vector<std::vector<float>> once;
  for (Parameter* parameter : layer.parameters())
    once.push_back(backend.to_host(parameter->gradient));
  layer.backward(backend, {x, y, dy, saved.get(), false});
  for (std::size_t i = 0; i < once.size(); ++i) {
    for (float& value : once[i]) value *= 2.0F;
    EXPECT_LT(largest_difference(backend.to_host(layer.parameters()[i]->gradient), once[i]), 1e-3);
  }
}

}  // namespace harpy::testing

#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "kaldi/files/matrix.hpp"
#include "kaldi/files/object_reader.hpp"

namespace harpy::kaldi {

// What the components of a network of nnet3 compute when it is used, x being their input.

/// y = x.
struct Identity {
  std::int64_t dim = 0;
};

/// y[t] = bias + sum over k of weight_k x[t + offsets[k]]. weight [outputs, offsets x inputs] holds
/// weight_0, weight_1, … side by side.
struct AffineMap {
  std::vector<std::int32_t> offsets{0};
  Matrix<float> weight;
  std::vector<float> bias;  ///< [outputs]
};

/// y[d] = scale[d] x[d] + offset[d].
struct ScaleAndShift {
  std::vector<float> scale, offset;  ///< [dim]
};

/// y[d] = x[columns[d]].
struct Permutation {
  std::vector<std::int32_t> columns;
};

/// y = f(x), value by value.
struct ValueFunction {
  ActivationKind kind = ActivationKind::kRelu;
  std::int64_t dim = 0;
};

/// y = x * target_rms / sqrt of the mean of x^2, in blocks of values that are normalised each for
/// itself.
struct RmsNormalization {
  std::int64_t dim = 0;
  std::int64_t block_dim = 0;
  double target_rms = 1.0;
};

/// y = x - log sum exp x.
struct LogSoftmaxFunction {
  std::int64_t dim = 0;
};

/// y[t, h] = bias + sum over k of weight_k x[t + offsets[k].first, h * stride + offsets[k].second],
/// heights outside being zero. A frame holds its heights one after the other, each with all its
/// filters; weight [filters_out, offsets x filters_in].
struct HeightConvolution {
  std::int64_t filters_in = 0, filters_out = 0;
  std::int64_t height_in = 0, height_out = 0;
  std::int64_t stride = 1;
  std::vector<std::pair<std::int32_t, std::int32_t>> offsets;  ///< time, height
  Matrix<float> weight;
  std::vector<float> bias;  ///< [filters_out]
};

using ComponentFunction =
    std::variant<Identity, AffineMap, ScaleAndShift, Permutation, ValueFunction, RmsNormalization,
                 LogSoftmaxFunction, HeightConvolution>;

struct Component {
  std::string name;
  ComponentFunction function;
};

std::int64_t input_dim(const ComponentFunction& function);

/// Reads a component from its type on. Errors: std::runtime_error naming file, byte, component, its
/// type and what is wrong, such as a type that is not known, which lists those that are.
Component read_component(ObjectReader& reader, std::string name);

}  // namespace harpy::kaldi

#pragma once

#include <cstdint>
#include <vector>

#include "acoustic/layers/layer.hpp"

namespace harpy {

/// The learnt product of linear and convolution layers, on rows: y = x weight + bias, or with a
/// relu behind it that it has absorbed.
/// Shapes: x [rows, inputs], weight [inputs, outputs] (so that a product with few rows need not
/// transpose it), bias [outputs], y [rows, outputs].
class Affine {
 public:
  struct Options {
    std::int64_t inputs = 0;
    std::int64_t outputs = 0;
    bool with_bias = true;
    /// The weights are drawn uniformly from [-limit, limit); the bias begins at zero.
    float limit = 0.0F;
    std::uint64_t seed = 0;
    float l2 = 0.0F;  ///< weight decay of the weight
  };
  Affine(const Backend& backend, const Options& options);

  std::int64_t inputs() const { return weight_.value.shape()[0]; }
  std::int64_t outputs() const { return weight_.value.shape()[1]; }

  /// As Layer::absorb and Layer::prepare_inference.
  bool absorb(Backend& backend, const ColumnFunction& next);
  void prepare_inference(Backend& backend);
  void forward(Backend& backend, ConstTensorView x, TensorView y) const;
  /// Adds to the gradients of weight and bias.
  void add_gradients(Backend& backend, ConstTensorView x, ConstTensorView dy);
  /// dx = dy weight^T.
  void input_gradient(Backend& backend, ConstTensorView dy, TensorView dx) const;

  std::vector<Parameter*> parameters();

 private:
  Parameter weight_;
  Parameter bias_;  ///< empty without bias
  bool has_relu_ = false;
  DeviceBuffer<std::uint16_t> rounded_weight_;  ///< empty where it is rounded anew each time
};

/// Scales and shifts what a layer with this weight [inputs, outputs] and bias, perhaps empty,
/// gives.
void scale_outputs(Backend& backend, const ColumnFunction& scaling, Tensor& weight, Tensor& bias);

}  // namespace harpy

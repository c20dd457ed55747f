#include "acoustic/layers/convolution.hpp"

#include <cmath>

namespace harpy {
namespace {

Convolution::Options read_options(LayerFields& fields, std::int64_t input_dim, std::uint64_t seed) {
  return {.window = read_time_window(fields),
          .input_dim = input_dim,
          .output_dim = fields.integer("output_dim", 1),
          .with_bias = fields.boolean("bias", true),
          .seed = seed,
          .l2 = fields.number("l2", 1.0, 0.0)};
}

Affine::Options affine_options(const Convolution::Options& options) {
  const std::int64_t inputs = options.window.kernel * options.input_dim;
  return {.inputs = inputs,
          .outputs = options.output_dim,
          .with_bias = options.with_bias,
          .limit = std::sqrt(6.0F / static_cast<float>(inputs)),
          .seed = options.seed,
          .l2 = options.l2};
}

}  // namespace

Convolution::Convolution(const Backend& backend, const Options& options)
    : WindowLayer(options.window), affine_(backend, affine_options(options)) {}

Convolution::Convolution(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
                         std::uint64_t seed)
    : Convolution(backend, read_options(fields, input_dim, seed)) {}

Tensor Convolution::unfolded(Backend& backend, ConstTensorView x, const TimeWindow& window,
                             std::int64_t output_frames) const {
  Tensor rows = backend.empty({x.shape[0], output_frames, affine_.inputs()});
  backend.unfold(x, window, rows);
  return rows;
}

void Convolution::apply(Backend& backend, const TimeWindow& window, ConstTensorView x,
                        TensorView y) const {
  if (is_pointwise()) {
    affine_.forward(backend, x, y);
  } else {
    affine_.forward(backend, unfolded(backend, x, window, y.shape[1]), y);
  }
}

Tensor Convolution::backward(Backend& backend, const BackwardInput& input) {
  if (is_pointwise()) {
    affine_.add_gradients(backend, input.x, input.dy);
  } else {
    // Unfolded again: cheaper than keeping kernel times the input of every layer.
    affine_.add_gradients(backend, unfolded(backend, input.x, window(), input.dy.shape[1]),
                          input.dy);
  }
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  if (is_pointwise()) {
    affine_.input_gradient(backend, input.dy, dx);
  } else {
    Tensor rows = backend.empty({input.dy.shape[0], input.dy.shape[1], affine_.inputs()});
    affine_.input_gradient(backend, input.dy, rows);
    backend.fold(rows, window(), dx);
  }
  return dx;
}

}  // namespace harpy

#include "acoustic/layers/linear.hpp"

#include <cmath>

namespace harpy {
namespace {

Affine::Options affine_options(LayerFields& fields, std::int64_t input_dim, std::uint64_t seed) {
  const std::int64_t output_dim = fields.integer("output_dim", 1);
  return {.inputs = input_dim,
          .outputs = output_dim,
          .with_bias = fields.boolean("bias", true),
          .limit = std::sqrt(6.0F / static_cast<float>(input_dim + output_dim)),
          .seed = seed,
          .l2 = fields.number("l2", 1.0, 0.0)};
}

}  // namespace

Linear::Linear(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
               std::uint64_t seed)
    : affine_(backend, affine_options(fields, input_dim, seed)) {}

Tensor Linear::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty({x.shape[0], x.shape[1], output_dim()});
  affine_.forward(backend, x, y);
  return y;
}

Tensor Linear::backward(Backend& backend, const BackwardInput& input) {
  affine_.add_gradients(backend, input.x, input.dy);
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  affine_.input_gradient(backend, input.dy, dx);
  return dx;
}

}  // namespace harpy

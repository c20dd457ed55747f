#include "acoustic/layers/batch_norm.hpp"

#include <utility>

namespace harpy {
namespace {

/// Statistics of the minibatch.
struct BatchNormSaved : SavedForward {
  Tensor mean, variance;
};

Tensor constant(const Backend& backend, std::int64_t dim, float value) {
  return backend.from_host({dim}, std::vector<float>(static_cast<std::size_t>(dim), value));
}

}  // namespace

BatchNorm::BatchNorm(const Backend& backend, LayerFields& fields, std::int64_t dim)
    : epsilon_(fields.number("epsilon", 1.0, 1e-5)),
      momentum_(fields.number("momentum", 1.0, 0.1)) {
  gamma_.name = "gamma";
  gamma_.value = constant(backend, dim, 1.0F);
  beta_.name = "beta";
  beta_.value = backend.zeros({dim});
  mean_ = {"mean", backend.zeros({dim})};
  variance_ = {"variance", constant(backend, dim, 1.0F)};
}

Tensor BatchNorm::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  Normalization normalization{mean_.value, variance_.value, gamma_.value, beta_.value, epsilon_};
  if (saved != nullptr) {
    auto batch = std::make_unique<BatchNormSaved>();
    batch->mean = backend.empty({input_dim()});
    batch->variance = backend.empty({input_dim()});
    backend.row_statistics(x, batch->mean, batch->variance);
    normalization.mean = batch->mean;
    normalization.variance = batch->variance;
    *saved = std::move(batch);
  }
  Tensor factor = backend.empty({input_dim()});
  Tensor offset = backend.empty({input_dim()});
  backend.normalization_factors(normalization, factor, offset);
  Tensor y = backend.empty(x.shape);
  backend.scale_and_shift(x, factor, offset, y);
  return y;
}

Tensor BatchNorm::backward(Backend& backend, const BackwardInput& input) {
  const auto& batch = static_cast<const BatchNormSaved&>(*input.saved);
  Tensor dx = backend.empty(input.x.shape);
  backend.normalization_backward({batch.mean, batch.variance, gamma_.value, beta_.value, epsilon_},
                                 input.x, input.dy, {gamma_.gradient, beta_.gradient, dx});
  backend.scale(1.0F - momentum_, mean_.value);
  backend.add_scaled(momentum_, batch.mean, mean_.value);
  backend.scale(1.0F - momentum_, variance_.value);
  backend.add_scaled(momentum_, batch.variance, variance_.value);
  return dx;
}

}  // namespace harpy

#include "acoustic/layers/batch_norm.hpp"

#include <string>
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
    : bins_(fields.integer("bins", 1, 1)),
      epsilon_(fields.number("epsilon", 1.0, 1e-5)),
      momentum_(fields.number("momentum", 1.0, 0.1)) {
  if (dim % bins_ != 0)
    fields.refuse("bins", "a divisor of the " + std::to_string(dim) + " inputs");
  const std::int64_t channel_count = dim / bins_;
  gamma_.name = "gamma";
  gamma_.value = constant(backend, channel_count, 1.0F);
  beta_.name = "beta";
  beta_.value = backend.zeros({channel_count});
  mean_ = {"mean", backend.zeros({channel_count})};
  variance_ = {"variance", constant(backend, channel_count, 1.0F)};
}

ConstTensorView BatchNorm::channel_rows(ConstTensorView x) const {
  return reshaped(x, {x.rows() * bins_, channels()});
}

Tensor BatchNorm::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  Normalization normalization = running();
  if (saved != nullptr && !is_fixed_) {
    auto batch = std::make_unique<BatchNormSaved>();
    batch->mean = backend.empty({channels()});
    batch->variance = backend.empty({channels()});
    backend.row_statistics(channel_rows(x), batch->mean, batch->variance);
    normalization.mean = batch->mean;
    normalization.variance = batch->variance;
    *saved = std::move(batch);
  }
  ColumnFunction fresh;
  if (scaling_.factor.empty()) fresh = scaling_by(backend, normalization);
  const ColumnFunction& scaling = scaling_.factor.empty() ? fresh : scaling_;
  Tensor y = backend.empty(x.shape);
  backend.scale_and_shift(channel_rows(x), scaling.factor, scaling.offset,
                          reshaped(y.view(), channel_rows(y).shape));
  return y;
}

std::optional<ColumnFunction> BatchNorm::column_function(Backend& backend) const {
  return running_scaling(backend);
}

ColumnFunction BatchNorm::scaling_by(Backend& backend, const Normalization& normalization) const {
  ColumnFunction scaling{.factor = backend.empty({channels()}),
                         .offset = backend.empty({channels()})};
  backend.normalization_factors(normalization, scaling.factor, scaling.offset);
  return scaling;
}

Tensor BatchNorm::backward(Backend& backend, const BackwardInput& input) {
  Normalization normalization = running();
  const auto* const batch = static_cast<const BatchNormSaved*>(input.saved);
  if (batch != nullptr) {
    normalization = {batch->mean, batch->variance, gamma_.value, beta_.value, epsilon_, true};
  }
  Tensor dx = backend.empty(input.x.shape);
  backend.normalization_backward(
      normalization, channel_rows(input.x), channel_rows(input.dy),
      {gamma_.gradient, beta_.gradient, reshaped(dx.view(), channel_rows(dx).shape)});
  if (batch == nullptr) return dx;
  backend.scale(1.0F - momentum_, mean_.value);
  backend.add_scaled(momentum_, batch->mean, mean_.value);
  backend.scale(1.0F - momentum_, variance_.value);
  backend.add_scaled(momentum_, batch->variance, variance_.value);
  return dx;
}

}  // namespace harpy

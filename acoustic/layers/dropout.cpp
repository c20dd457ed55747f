#include "acoustic/layers/dropout.hpp"

#include "acoustic/backend/random_bits.hpp"

namespace harpy {

Dropout::Dropout(LayerFields& fields, std::int64_t dim, std::uint64_t seed)
    : dim_(dim),
      seed_(seed),
      step_key_(seed),
      mask_{.key = seed, .rate = fields.number("rate", 1.0, 0.5)} {
  if (!(mask_.rate < 1.0F)) fields.refuse("rate", "a number of at least 0, less than 1");
}

void Dropout::begin_step(Backend&, std::int64_t step) {
  step_key_ = random_bits(seed_, static_cast<std::uint64_t>(step));
  mask_.key = step_key_;
}

void Dropout::begin_microbatch(std::int64_t index) {
  mask_.key = index == 0 ? step_key_ : random_bits(step_key_, static_cast<std::uint64_t>(index));
}

Tensor Dropout::forward(Backend& backend, ConstTensorView x, SavedForwardPtr* saved) const {
  if (saved == nullptr) return backend.copy_of(x);
  Tensor y = backend.empty(x.shape);
  backend.dropout(mask_, x, y);
  return y;
}

Tensor Dropout::backward(Backend& backend, const BackwardInput& input) {
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  backend.dropout(mask_, input.dy, dx);
  return dx;
}

}  // namespace harpy

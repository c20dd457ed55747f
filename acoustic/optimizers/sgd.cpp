#include "acoustic/optimizers/sgd.hpp"

namespace harpy {

void Sgd::update(Backend& backend, Parameter& parameter, std::size_t index, float learning_rate) {
  Tensor& velocity = moment(0, index);
  backend.scale(options_.momentum, velocity);
  backend.add_scaled(1.0F, parameter.gradient, velocity);
  if (parameter.l2 > 0.0F) backend.scale(1.0F - learning_rate * parameter.l2, parameter.value);
  backend.add_scaled(-learning_rate, velocity, parameter.value);
}

}  // namespace harpy

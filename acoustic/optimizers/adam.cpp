#include "acoustic/optimizers/adam.hpp"

namespace harpy {

void Adam::update(Backend& backend, Parameter& parameter, std::size_t index, float learning_rate) {
  backend.adam_update({.learning_rate = learning_rate,
                       .beta1 = options_.beta1,
                       .beta2 = options_.beta2,
                       .epsilon = options_.epsilon,
                       .weight_decay = parameter.l2,
                       .step = step_count()},
                      parameter.gradient, parameter.value, moment(0, index), moment(1, index));
}

}  // namespace harpy

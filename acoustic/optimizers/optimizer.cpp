#include "acoustic/optimizers/optimizer.hpp"

#include <cmath>
#include <stdexcept>

namespace harpy {

std::vector<NamedTensor> Optimizer::state(Backend& backend,
                                          std::span<Parameter* const> parameters) {
  prepare(backend, parameters);
  std::vector<NamedTensor> named;
  for (std::size_t moment = 0; moment < moments_.size(); ++moment) {
    for (std::size_t i = 0; i < moments_[moment].size(); ++i) {
      named.push_back(
          {"moment" + std::to_string(moment + 1) + "." + std::to_string(i), &moments_[moment][i]});
    }
  }
  return named;
}

void Optimizer::step(Backend& backend, std::span<Parameter* const> parameters,
                     float learning_rate) {
  prepare(backend, parameters);
  for (const Parameter* parameter : parameters) {
    if (parameter->gradient.shape() != parameter->value.shape()) {
      throw std::invalid_argument(
          "optimizer: " + parameter->name + ": expected a gradient of shape " +
          to_string(parameter->value.shape()) + ", got " + to_string(parameter->gradient.shape()));
    }
  }
  ++step_count_;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    update(backend, *parameters[i], i, learning_rate);
  }
}

void Optimizer::prepare(Backend& backend, std::span<Parameter* const> parameters) {
  for (std::vector<Tensor>& moment : moments_) {
    if (moment.empty()) {
      for (const Parameter* parameter : parameters) {
        moment.push_back(backend.zeros(parameter->value.shape()));
      }
    }
    bool same = moment.size() == parameters.size();
    for (std::size_t i = 0; same && i < moment.size(); ++i) {
      same = moment[i].shape() == parameters[i]->value.shape();
    }
    if (!same) {
      throw std::invalid_argument("optimizer: expected the " + std::to_string(moment.size()) +
                                  " parameters of the steps before, got others");
    }
  }
}

double clip_gradients(Backend& backend, std::span<Parameter* const> parameters, double limit) {
  std::vector<ConstTensorView> gradients;
  for (const Parameter* parameter : parameters) gradients.push_back(parameter->gradient.view());
  const double norm = std::sqrt(backend.sum_of_squares(gradients));
  if (norm > limit) {
    for (Parameter* parameter : parameters) {
      backend.scale(static_cast<float>(limit / norm), parameter->gradient);
    }
  }
  return norm;
}

}  // namespace harpy

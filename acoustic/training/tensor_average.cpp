#include "acoustic/training/tensor_average.hpp"

#include <algorithm>
#include <stdexcept>

namespace harpy {

TensorAverage::TensorAverage(Backend& backend, std::span<const NamedTensor> tensors, double decay)
    : decay_(decay) {
  if (!(decay >= 0.0 && decay < 1.0)) {
    throw std::invalid_argument("TensorAverage: expected a decay of 0 to below 1, got " +
                                std::to_string(decay));
  }
  for (const NamedTensor& value : tensors) {
    names_.push_back(value.name);
    averages_.push_back(backend.copy_of(*value.tensor));
  }
}

void TensorAverage::update(Backend& backend, std::span<const NamedTensor> tensors,
                           std::int64_t step) {
  const auto n = static_cast<double>(step);
  const auto decay = static_cast<float>(std::min(decay_, (1.0 + n) / (10.0 + n)));
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    backend.scale(decay, averages_[i]);
    backend.add_scaled(1.0F - decay, *tensors[i].tensor, averages_[i]);
  }
}

void TensorAverage::exchange(Backend& backend, std::span<const NamedTensor> tensors) {
  for (std::size_t i = 0; i < averages_.size(); ++i) {
    const Tensor value = backend.copy_of(*tensors[i].tensor);
    backend.copy(averages_[i], *tensors[i].tensor);
    backend.copy(value, averages_[i]);
  }
}

std::vector<NamedTensor> TensorAverage::averages() {
  std::vector<NamedTensor> named;
  for (std::size_t i = 0; i < averages_.size(); ++i) named.push_back({names_[i], &averages_[i]});
  return named;
}

}  // namespace harpy

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "acoustic/network.hpp"

namespace harpy {

/// Exponential moving average of a network's parameters and statistics over training steps:
/// average += (1 - decay) * (value - average). Early averages forget faster: the decay of step n is
/// at most (1 + n) / (10 + n). Averaged networks generalise better than the last one. Source:
/// Polyak and Juditsky (1992); the warm-up is TensorFlow's.
class TensorAverage {
 public:
  /// Starts from the values as they are. Errors: std::invalid_argument for a decay outside 0 .. 1.
  TensorAverage(Backend& backend, std::span<const NamedTensor> tensors, double decay);

  /// Moves the averages towards the values that the constructor's tensors have after step `step`,
  /// counted from 1.
  void update(Backend& backend, std::span<const NamedTensor> tensors, std::int64_t step);
  /// Exchanges average and values: a second call puts both back.
  void exchange(Backend& backend, std::span<const NamedTensor> tensors);
  /// The averages, under their tensors' names.
  std::vector<NamedTensor> averages();

 private:
  double decay_;
  std::vector<std::string> names_;
  std::vector<Tensor> averages_;
};

}  // namespace harpy

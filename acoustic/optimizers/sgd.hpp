#pragma once

#include "acoustic/optimizers/optimizer.hpp"

namespace harpy {

struct SgdOptions {
  float momentum = 0.9F;  ///< memory of past steps; 0: none, nearer to 1: smoother, slower to turn
};

/// Stochastic gradient descent with momentum (Polyak, 1964): v = momentum v + g, p -= rate (v + l2
/// p).
class Sgd : public Optimizer {
 public:
  explicit Sgd(const SgdOptions& options = {}) : Optimizer(1), options_(options) {}

 private:
  void update(Backend& backend, Parameter& parameter, std::size_t index,
              float learning_rate) override;

  SgdOptions options_;
};

}  // namespace harpy

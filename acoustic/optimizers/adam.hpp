#pragma once

#include "acoustic/optimizers/optimizer.hpp"

namespace harpy {

struct AdamOptions {
  float beta1 = 0.9F;     ///< memory of the mean gradient; nearer to 1: smoother, slower to turn
  float beta2 = 0.999F;   ///< memory of its square; nearer to 1: steadier step sizes
  float epsilon = 1e-8F;  ///< larger: smaller steps where gradients are tiny
};

/// Adam with bias correction and decoupled weight decay (Kingma and Ba, 2015; Loshchilov and
/// Hutter, 2019): m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g^2, p -= rate (m' /
/// (sqrt(v') + epsilon) + l2 p), m' = m / (1 - beta1^step), v' = v / (1 - beta2^step).
class Adam : public Optimizer {
 public:
  explicit Adam(const AdamOptions& options = {}) : Optimizer(2), options_(options) {}

 private:
  void update(Backend& backend, Parameter& parameter, std::size_t index,
              float learning_rate) override;

  AdamOptions options_;
};

}  // namespace harpy

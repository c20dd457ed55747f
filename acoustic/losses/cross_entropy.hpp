#pragma once

#include <cstddef>
#include <vector>

#include "acoustic/backend/loss.hpp"

namespace harpy {

/// Cross-entropy on a head of log-probabilities (log_softmax), where each frame has one class:
/// total = - sum over frames of head[frame, class]. A target has one label for each frame; -1
/// leaves the frame out. Other heads get zero gradients.
class CrossEntropy : public Loss {
 public:
  explicit CrossEntropy(std::size_t head = 0) : head_(head) {}

  LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets,
                     std::span<const TensorView> gradients) override;

 private:
  std::size_t head_;
  std::vector<std::int32_t> classes_;  ///< of all frames of the minibatch
};

}  // namespace harpy

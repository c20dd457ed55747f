#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/tensor.hpp"

namespace harpy {

/// What the network should say of one utterance of a minibatch: its label ids for a sequence loss,
/// the class of each frame for a frame-wise loss.
struct LossTarget {
  std::vector<std::int32_t> labels;
};

/// The value of a loss over a minibatch.
struct LossValue {
  double total = 0.0;        ///< summed over the sequences that took part, lower is better
  std::int64_t frames = 0;   ///< output frames that took part
  std::int64_t skipped = 0;  ///< sequences whose target cannot be produced in their frames

  LossValue& operator+=(const LossValue& other) {
    total += other.total;
    frames += other.frames;
    skipped += other.skipped;
    return *this;
  }
};

/// A training criterion on the heads of a network.
class Loss {
 public:
  virtual ~Loss() = default;

  /// Writes d total / d head into `gradients` (overwritten, zero for skipped sequences) and returns
  /// the value. Shapes: each head and its gradient [sequences, frames, dim]; one target for each
  /// sequence. Errors: std::invalid_argument for shapes or labels that do not fit.
  virtual LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                             std::span<const LossTarget> targets,
                             std::span<const TensorView> gradients) = 0;
};

}  // namespace harpy

#pragma once

#include "acoustic/backend/loss.hpp"
#include "decoder/sequence_loss/alignment_sums.hpp"

namespace harpy {

/// Connectionist temporal classification (Graves et al., 2006).
///
///   loss = - sum over sequences of log sum over alignments of the labels with the frames of
///            exp(sum over frames t of head[t, label or blank at t])
///   d loss / d head[t, p] = - posterior of p at frame t
///
/// One head of log-probabilities (a log-softmax; natural logarithms) of units, which are the blank
/// and the labels or, with label contexts that have pairs, more than these. A sequence with fewer
/// frames than its labels and the blanks between equal ones need is skipped, as is one all of whose
/// alignments have probability zero. NaN in the head makes the total NaN.
///
/// Results are the same bits for any thread count and any composition of the minibatch. On a CUDA
/// device head and gradient stay there, and only the sequences' graphs and values travel.
/// Threads: an object is used by one thread at a time.
class Ctc : public Loss {
 public:
  /// `thread_count` threads share the sequences of a minibatch, the caller being one of them.
  /// Errors: std::invalid_argument if it is less than 1.
  explicit Ctc(int thread_count = 1, LabelContexts contexts = {});

  LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets,
                     std::span<const TensorView> gradients) override;

 private:
  AlignmentSums alignments_;
};

}  // namespace harpy

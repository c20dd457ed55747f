#pragma once

#include "acoustic/backend/loss.hpp"
#include "decoder/sequence_loss/alignment_sums.hpp"
#include "decoder/sequence_loss/denominator_graph.hpp"

namespace harpy {

struct LatticeFreeMmiOptions {
  /// How much of the CTC loss is added, which keeps the training stable. Larger: nearer to CTC.
  float ctc_weight = 0.1F;
  /// Threads that share the sequences of a minibatch, the caller being one of them.
  int thread_count = 1;
};

/// Lattice-free maximum mutual information with the topology of CTC, also named CTC-CRF: the labels
/// are to be more probable than all other label sequences together, weighed by an n-gram model.
///
///   N(labels)  = sum over alignments of the labels with the frames of
///                exp(sum over frames t of head[t, label or blank at t]), as in Ctc
///   D          = sum over all label sequences of P(labels) N(labels), P by the denominator graph
///   loss       = - sum over sequences of
///                (log(P(labels) N(labels) / D) + ctc_weight * log N(labels))
///   d loss / d head[t, p] = posterior of p at frame t in D
///                           - (1 + ctc_weight) * its posterior in N(labels)
///
/// The first logarithm is that of a probability, so with a log-softmax head the loss is at least 0.
/// Head, targets and skipped sequences are as with Ctc. NaN in the head makes the total NaN.
///
/// Results are the same bits for any thread count and any composition of the minibatch. On a CUDA
/// device head and gradient stay there. Memory: that of ForwardBackward on the denominator graph
/// for each thread; on a device 8 bytes for each state, frame and sequence.
/// Threads: an object is used by one thread at a time.
/// Sources: D. Povey et al., Purely sequence-trained neural networks for ASR based on lattice-free
/// MMI, Interspeech 2016; H. Xiang, Z. Ou, CRF-based single-stage acoustic modeling with CTC
/// topology, ICASSP 2019.
class LatticeFreeMmi : public Loss {
 public:
  /// Errors: std::invalid_argument for a thread count below 1 or a weight that is negative or not
  /// finite.
  LatticeFreeMmi(DenominatorGraph denominator, const LatticeFreeMmiOptions& options);

  /// Errors: std::invalid_argument also if the head has another size than the denominator graph.
  LossValue evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                     std::span<const LossTarget> targets,
                     std::span<const TensorView> gradients) override;

 private:
  DenominatorGraph denominator_;
  LatticeFreeMmiOptions options_;
  AlignmentSums alignments_;
};

}  // namespace harpy

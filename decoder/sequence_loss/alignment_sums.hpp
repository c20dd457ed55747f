#pragma once

#include <span>
#include <string>
#include <vector>

#include "acoustic/backend/loss.hpp"
#include "decoder/graph/label_contexts.hpp"
#include "decoder/path_sums/forward_backward.hpp"
#include "decoder/sequence_loss/ctc_graph.hpp"

namespace harpy {

/// Sums over the alignments of label sequences (Graves et al., 2006) for the utterances of a
/// minibatch: what sequence losses have in common. The columns of a head are the units of
/// LabelContexts: 0 is the blank, then come the labels and the pairs.
///
/// Results are the same bits for any thread count and any composition of the minibatch.
/// Threads: an object is used by one thread at a time.
class AlignmentSums {
 public:
  /// `loss_name` begins the messages of errors; `thread_count` threads share the sequences of a
  /// minibatch, the caller being one of them. Errors: std::invalid_argument if it is less than 1.
  AlignmentSums(std::string loss_name, int thread_count, LabelContexts contexts);

  /// Checks the arguments of Loss::evaluate. Errors: std::invalid_argument unless there is one head
  /// [sequences, frames, dim] with a gradient of its shape, a target for each sequence and a column
  /// for each label.
  void check_arguments(std::span<const ConstTensorView> heads, std::span<const LossTarget> targets,
                       std::span<const TensorView> gradients) const;

  /// Writes log P(labels) of each sequence, -infinity where there is no alignment, NaN where a
  /// score is NaN, and factor * the posteriors of the pdfs into the gradient, zero where there are
  /// none. Head and gradient are where the backend computes. Shapes: head and gradient [sequences,
  /// frames, dim], log_probabilities [sequences].
  void evaluate(Backend& backend, ConstTensorView head, std::span<const LossTarget> targets,
                float factor, TensorView gradient, std::span<double> log_probabilities);

  /// What sums over the alignments, with its threads: for further sums between two calls.
  ForwardBackward& forward_backward() { return forward_backward_; }

 private:
  std::string loss_name_;
  LabelContexts contexts_;
  ForwardBackward forward_backward_;
  std::vector<CtcGraph> graphs_;  ///< one for each thread
};

}  // namespace harpy

#include "decoder/sequence_loss/ctc.hpp"

#include <limits>
#include <utility>
#include <vector>

namespace harpy {

Ctc::Ctc(int thread_count, LabelContexts contexts)
    : alignments_("CTC", thread_count, std::move(contexts)) {}

LossValue Ctc::evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                        std::span<const LossTarget> targets,
                        std::span<const TensorView> gradients) {
  alignments_.check_arguments(heads, targets, gradients);
  std::vector<double> log_probabilities(targets.size());
  alignments_.evaluate(backend, heads[0], targets, -1.0F, gradients[0], log_probabilities);
  LossValue value;
  for (const double log_probability : log_probabilities) {
    if (log_probability == -std::numeric_limits<double>::infinity()) {
      ++value.skipped;
    } else {
      value.total -= log_probability;
      value.frames += heads[0].shape[1];
    }
  }
  return value;
}

}  // namespace harpy

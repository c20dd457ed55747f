#include "decoder/sequence_loss/lattice_free_mmi.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace harpy {
namespace {

constexpr const char* kName = "lattice-free MMI";

}  // namespace

LatticeFreeMmi::LatticeFreeMmi(DenominatorGraph denominator, const LatticeFreeMmiOptions& options)
    : denominator_(std::move(denominator)),
      options_(options),
      alignments_(kName, options.thread_count, denominator_.contexts()) {
  if (!(options.ctc_weight >= 0.0F && std::isfinite(options.ctc_weight))) {
    throw std::invalid_argument(std::string(kName) + ": expected a CTC weight from 0 on, got " +
                                std::to_string(options.ctc_weight));
  }
}

LossValue LatticeFreeMmi::evaluate(Backend& backend, std::span<const ConstTensorView> heads,
                                   std::span<const LossTarget> targets,
                                   std::span<const TensorView> gradients) {
  alignments_.check_arguments(heads, targets, gradients);
  const ConstTensorView& head = heads[0];
  if (head.dim() != denominator_.pdf_count()) {
    throw std::invalid_argument(std::string(kName) + ": expected a head with " +
                                std::to_string(denominator_.pdf_count()) + " columns, got " +
                                std::to_string(head.dim()));
  }
  const std::int64_t frame_count = head.shape[1];
  std::vector<double> numerators(targets.size());
  alignments_.evaluate(backend, head, targets, -(1.0F + options_.ctc_weight), gradients[0],
                       numerators);

  std::vector<std::size_t> sequences;
  std::vector<UtteranceScores> utterances;
  for (std::size_t s = 0; s < targets.size(); ++s) {
    if (numerators[s] == -std::numeric_limits<double>::infinity()) continue;
    const std::int64_t first = static_cast<std::int64_t>(s) * frame_count * head.dim();
    sequences.push_back(s);
    utterances.push_back({head.data + first, frame_count, gradients[0].data + first});
  }
  std::vector<double> denominators(sequences.size());
  alignments_.forward_backward().evaluate(backend, denominator_.summation_graph(), utterances, 1.0F,
                                          denominators);

  const auto used = static_cast<std::int64_t>(sequences.size());
  LossValue value{.frames = used * frame_count,
                  .skipped = static_cast<std::int64_t>(targets.size()) - used};
  for (std::size_t i = 0; i < sequences.size(); ++i) {
    const double numerator = numerators[sequences[i]];
    const double weight = denominator_.log_probability(targets[sequences[i]].labels);
    value.total += denominators[i] - weight - numerator - double{options_.ctc_weight} * numerator;
  }
  return value;
}

}  // namespace harpy

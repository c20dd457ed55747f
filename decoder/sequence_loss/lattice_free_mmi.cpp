#include "decoder/sequence_loss/lattice_free_mmi.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "decoder/path_sums/cuda/forward_backward_cuda.hpp"

namespace harpy {
namespace {

constexpr const char* kName = "lattice-free MMI";

}  // namespace

LatticeFreeMmi::LatticeFreeMmi(DenominatorGraph denominator, const LatticeFreeMmiOptions& options)
    : denominator_(std::move(denominator)),
      options_(options),
      alignments_(kName, options.thread_count),
      forward_backward_(static_cast<std::size_t>(options.thread_count)) {
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
  if (backend.device().kind == DeviceKind::kCpu) {
    add_denominator_on_host(utterances, denominators);
  } else {
    add_denominator_on_device(backend, utterances, denominators);
  }

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

/// Threads take contiguous parts, so that each fills its lanes.
void LatticeFreeMmi::add_denominator_on_host(std::span<const UtteranceScores> utterances,
                                             std::span<double> log_probabilities) {
  const std::size_t count = utterances.size();
  const std::size_t thread_count = forward_backward_.size();
  alignments_.threads().run([&](int part) {
    const auto p = static_cast<std::size_t>(part);
    const std::size_t begin = count * p / thread_count;
    const std::size_t size = count * (p + 1) / thread_count - begin;
    forward_backward_[p].evaluate(denominator_.summation_graph(), utterances.subspan(begin, size),
                                  1.0F, log_probabilities.subspan(begin, size));
  });
}

void LatticeFreeMmi::add_denominator_on_device(Backend& backend,
                                               std::span<const UtteranceScores> utterances,
                                               std::span<double> log_probabilities) {
  batch_.clear();
  const std::size_t graph = batch_.add_graph(denominator_.summation_graph());
  for (const UtteranceScores& utterance : utterances) batch_.add_utterance(graph, utterance, 1.0F);
  cuda::sum_over_paths(backend, batch_, log_probabilities);
}

}  // namespace harpy

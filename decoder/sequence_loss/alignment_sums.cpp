#include "decoder/sequence_loss/alignment_sums.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

#include "acoustic/backend/backend.hpp"

namespace harpy {
namespace {

int checked_thread_count(const std::string& loss_name, int thread_count) {
  if (thread_count < 1) {
    throw std::invalid_argument(loss_name + ": expected at least 1 thread, got " +
                                std::to_string(thread_count));
  }
  return thread_count;
}

}  // namespace

AlignmentSums::AlignmentSums(std::string loss_name, int thread_count, LabelContexts contexts)
    : loss_name_(std::move(loss_name)),
      contexts_(std::move(contexts)),
      forward_backward_(checked_thread_count(loss_name_, thread_count)),
      graphs_(static_cast<std::size_t>(thread_count)) {}

void AlignmentSums::check_arguments(std::span<const ConstTensorView> heads,
                                    std::span<const LossTarget> targets,
                                    std::span<const TensorView> gradients) const {
  const auto check = [this](bool good, const std::string& expected, const std::string& got) {
    if (!good) throw std::invalid_argument(loss_name_ + ": expected " + expected + ", got " + got);
  };
  check(heads.size() == 1, "1 head", std::to_string(heads.size()));
  check(gradients.size() == 1, "1 gradient", std::to_string(gradients.size()));
  const Shape& shape = heads[0].shape;
  check(shape.rank() == 3 && shape.dim() >= 1, "a head [sequences, frames, dim]", to_string(shape));
  check(gradients[0].shape == shape, "a gradient " + to_string(shape),
        to_string(gradients[0].shape));
  check(static_cast<std::int64_t>(targets.size()) == shape[0],
        std::to_string(shape[0]) + " targets", std::to_string(targets.size()));
  const std::int32_t label_count = contexts_.label_count(static_cast<std::int32_t>(shape.dim()));
  for (std::size_t sequence = 0; sequence < targets.size(); ++sequence) {
    for (const std::int32_t label : targets[sequence].labels) {
      check(label >= 1 && label < label_count,
            "labels from 1 to " + std::to_string(label_count - 1),
            std::to_string(label) + " in sequence " + std::to_string(sequence));
    }
  }
}

void AlignmentSums::evaluate(Backend& backend, ConstTensorView head,
                             std::span<const LossTarget> targets, float factor, TensorView gradient,
                             std::span<double> log_probabilities) {
  const std::int64_t frame_count = head.shape[1];
  std::vector<std::size_t> sequences;  // those that have an alignment
  std::vector<UtteranceScores> utterances;
  for (std::size_t s = 0; s < targets.size(); ++s) {
    log_probabilities[s] = -std::numeric_limits<double>::infinity();
    if (CtcGraph::least_frame_count(targets[s].labels) > frame_count) continue;
    const std::int64_t first = static_cast<std::int64_t>(s) * frame_count * head.dim();
    sequences.push_back(s);
    utterances.push_back({head.data + first, frame_count, gradient.data + first});
  }
  backend.fill(0.0F, gradient);
  const auto make_graph = [&](std::size_t thread, std::size_t utterance, SummationGraph& graph) {
    CtcGraph& alignments = graphs_[thread];
    alignments.assign(targets[sequences[utterance]].labels, static_cast<std::int32_t>(head.dim()),
                      contexts_);
    graph.assign(alignments.view());
  };
  std::vector<double> of_utterances(utterances.size());
  forward_backward_.evaluate(backend, make_graph, utterances, factor, of_utterances);
  for (std::size_t u = 0; u < sequences.size(); ++u) {
    log_probabilities[sequences[u]] = of_utterances[u];
  }
}

}  // namespace harpy

#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "decoder/path_sums/forward_backward.hpp"
#include "decoder/path_sums/summation_graph.hpp"

namespace harpy {

/// The CPU's form of ForwardBackward, on one thread. The forward pass pulls over the arcs that
/// enter a state, the backward pass over those that leave it. Up to sixteen utterances of one graph
/// are computed side by side, each in a lane of the vectors; an utterance's result is the same bits
/// whatever stands beside it.
///
/// Memory: 8 bytes for each state, frame and lane, kept for the next call.
/// Threads: an object is used by one thread at a time; threads may share a graph.
class CpuForwardBackward {
 public:
  /// Utterances computed side by side: the best number for one call of evaluate, or a multiple.
  static constexpr std::size_t kLaneCount = 16;

  CpuForwardBackward();
  CpuForwardBackward(CpuForwardBackward&&) noexcept;
  CpuForwardBackward& operator=(CpuForwardBackward&&) noexcept;
  ~CpuForwardBackward();

  /// See ForwardBackward::evaluate; scores and gradients are in host memory.
  /// Errors: std::invalid_argument for a negative frame count, or if the sizes differ.
  void evaluate(const SummationGraph& graph, std::span<const UtteranceScores> utterances,
                float factor, std::span<double> log_probabilities);

 private:
  class Trellises;
  std::unique_ptr<Trellises> trellises_;
};

}  // namespace harpy

#pragma once

#include <cstdint>
#include <memory>
#include <span>

#include "decoder/path_sums/summation_graph.hpp"

namespace harpy {

/// The scores of one utterance, and where its posteriors go.
struct UtteranceScores {
  const float* log_likelihoods = nullptr;  ///< [frames, pdfs], natural logarithms
  std::int64_t frame_count = 0;
  float* gradient = nullptr;  ///< [frames, pdfs], added to
};

/// Sums over all paths of a graph (Rabiner, 1989), with the posterior of each pdf in each frame.
///
///   P = sum over paths from the start to a final state that consume all frames of
///       exp(-costs of the path) * product over frames t of exp(log_likelihoods[t, pdf of t])
///   posterior[t, p] = share in P of the paths that consume frame t by an arc of pdf p
///
/// The forward pass pulls over the arcs that enter a state, the backward pass over those that leave
/// it. Numbers carry their own exponents (summation::ScaledFloat), so that no path is lost however
/// badly the scores fit; log-likelihoods below -1e5 count as zero probability. Up to sixteen
/// utterances of one graph are computed side by side, one a lane; an utterance's result is the same
/// bits whatever stands beside it. Errors of the posteriors are about 1e-6.
///
/// Memory: 8 bytes for each state, frame and lane, kept for the next call.
/// Threads: an object is used by one thread at a time; one a thread, the graph is shared.
class ForwardBackward {
 public:
  /// Utterances computed side by side: the best number for one call of evaluate, or a multiple.
  static constexpr std::size_t kLaneCount = 16;

  ForwardBackward();
  ForwardBackward(ForwardBackward&&) noexcept;
  ForwardBackward& operator=(ForwardBackward&&) noexcept;
  ~ForwardBackward();

  /// Writes log P of each utterance (-infinity if no path has all its frames, NaN if a score is NaN
  /// or above 1e5; both leave the gradient as it is) and adds factor * posterior to its gradient.
  /// Shapes: log_probabilities [utterances].
  /// Errors: std::invalid_argument for a negative frame count, or if the sizes differ.
  void evaluate(const SummationGraph& graph, std::span<const UtteranceScores> utterances,
                float factor, std::span<double> log_probabilities);

 private:
  class Trellises;
  std::unique_ptr<Trellises> trellises_;
};

}  // namespace harpy

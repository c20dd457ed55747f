#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>

#include "decoder/path_sums/summation_graph.hpp"

namespace harpy {

class Backend;

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
/// The sums are computed on the backend's device: on the CPU by CpuForwardBackward, on a CUDA
/// device by the program of forward_backward_program.hpp. Numbers carry their own exponents
/// (ScaledFloat), so that no path is lost however badly the scores fit; log-likelihoods below -1e5
/// count as zero probability. Errors of the posteriors are about 1e-6. On one device an utterance's
/// result is the same bits whatever stands beside it and however many threads there are.
///
/// Memory: that of CpuForwardBackward for each thread; on a device 8 bytes for each state, frame
/// and utterance. Threads: an object is used by one thread at a time.
class ForwardBackward {
 public:
  /// Makes the graph of an utterance, given by its number in the call, in `graph`, whose storage is
  /// reused. On the CPU the threads of the object call it at once; `thread`, from 0 to
  /// thread_count - 1, tells them apart.
  using GraphMaker =
      std::function<void(std::size_t thread, std::size_t utterance, SummationGraph& graph)>;

  /// On the CPU, `thread_count` threads share the utterances, the caller being one of them.
  /// Errors: std::invalid_argument if it is less than 1.
  explicit ForwardBackward(int thread_count = 1);
  ForwardBackward(ForwardBackward&&) noexcept;
  ForwardBackward& operator=(ForwardBackward&&) noexcept;
  ~ForwardBackward();

  /// Writes log P of each utterance (-infinity if no path has all its frames, NaN if a score is NaN
  /// or above 1e5; both leave the gradient as it is) and adds factor * posterior to its gradient.
  /// All utterances have the same graph. Scores and gradients are on the backend's device.
  /// Shapes: log_probabilities [utterances].
  /// Errors: std::invalid_argument for a negative frame count, or if the sizes differ; DeviceError.
  void evaluate(Backend& backend, const SummationGraph& graph,
                std::span<const UtteranceScores> utterances, float factor,
                std::span<double> log_probabilities);

  /// The same for utterances that have a graph each, which `make_graph` makes.
  void evaluate(Backend& backend, const GraphMaker& make_graph,
                std::span<const UtteranceScores> utterances, float factor,
                std::span<double> log_probabilities);

 private:
  class Workplace;
  std::unique_ptr<Workplace> workplace_;
};

}  // namespace harpy

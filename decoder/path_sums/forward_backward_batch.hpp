#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decoder/path_sums/forward_backward.hpp"
#include "decoder/path_sums/forward_backward_task.hpp"
#include "decoder/path_sums/summation_graph.hpp"

namespace harpy::forward_backward {

/// The utterances whose paths a device is to sum over in one launch, with their graphs as one block
/// of bytes that can be copied there. clear keeps the storage for the next batch. Threads: an
/// object is used by one thread at a time.
class ForwardBackwardBatch {
 public:
  void clear();

  /// Adds a graph and returns its number, for add_utterance.
  std::size_t add_graph(const SummationGraph& graph);
  /// Adds an utterance, whose posteriors times `factor` are to be added to its gradient. Its arrays
  /// lie in the memory of the device that does the work. Errors: std::invalid_argument for a frame
  /// count below 0 or of more than 2^30, std::out_of_range for another number than add_graph gave.
  void add_utterance(std::size_t graph, const UtteranceScores& utterance, float factor);

  std::size_t utterance_count() const { return utterances_.size(); }
  std::int32_t largest_state_count() const;
  /// All graphs, to be copied to the device.
  std::span<const std::byte> graph_bytes() const { return graph_bytes_; }
  /// Size of the memory that the tasks need, uninitialised, aligned to 16 bytes.
  std::size_t memory_bytes() const;

  /// Where the work is done, in the memory of the device.
  struct Place {
    const std::byte* graphs = nullptr;         ///< copy of graph_bytes()
    std::byte* memory = nullptr;               ///< memory_bytes()
    ForwardBackwardResult* results = nullptr;  ///< [utterances]
  };
  /// A task for each utterance, to be carried out by sum_over_paths.
  std::vector<ForwardBackwardTask> tasks(const Place& place) const;

 private:
  struct Utterance {
    std::size_t graph = 0;
    UtteranceScores scores;
    float factor = 1.0F;
  };

  template <typename T>
  const T* append(std::span<const T> values);
  void append_occupations(const SummationGraph& graph, SummationGraphView& view);

  std::vector<std::byte> graph_bytes_;
  std::vector<SummationGraphView> graphs_;  ///< pointers are offsets in graph_bytes_
  std::vector<Utterance> utterances_;
};

/// log P of a result: -infinity if there is no path, NaN if a score is NaN or too large.
double log_probability(const ForwardBackwardResult& result);

/// Sums over the paths of all utterances of a batch, each by a block of threads, and adds their
/// posteriors to their gradients; scores and gradients are on the backend's device. Writes log P of
/// each utterance, see ForwardBackward::evaluate, and waits for them. Defined in
/// cuda/forward_backward_cuda.cu, and in cuda/forward_backward_unavailable.cpp for a build without
/// CUDA, which refuses every backend.
/// Shapes: log_probabilities [utterances].
/// Errors: std::invalid_argument if the backend is no CUDA device's or the sizes differ;
/// DeviceError.
void evaluate_on_device(Backend& backend, const ForwardBackwardBatch& batch,
                        std::span<double> log_probabilities);

}  // namespace harpy::forward_backward

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decoder/path_sums/lane_utterances.hpp"

namespace harpy::forward_backward {

/// Forward-backward of up to kLanes (1 or kWideLanes) utterances, each in a lane of its own.
template <int kLanes>
class Trellis {
 public:
  /// As CpuForwardBackward::evaluate. Utterances whose log_probabilities are NaN are left out.
  void evaluate(const SummationGraph& graph, std::span<const UtteranceScores> utterances,
                float factor, std::span<double> log_probabilities);

 private:
  using Number = ScaledLanes<kLanes>;

  void prepare();
  void forward();
  void backward(float factor);
  void take_totals(std::int64_t frame);
  void add_occupations(std::int64_t frame, float factor);
  Number* sums_before(std::int64_t frame) {
    return forward_.data() + frame * static_cast<std::int64_t>(graph_->state_count());
  }

  const SummationGraph* graph_ = nullptr;
  LaneUtterances<kLanes> lanes_;
  Number total_;                                 ///< with the shifts of all frames taken off
  std::vector<Number> forward_;                  ///< [frames + 1, states]
  std::vector<Number> backward_;                 ///< [2, states]
  std::vector<LaneInts<kLanes>> shifts_;         ///< [frames]
  std::vector<LaneFloats<kLanes>> occupations_;  ///< [pdfs]
};

}  // namespace harpy::forward_backward

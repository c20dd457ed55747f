#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decoder/path_sums/lane_utterances.hpp"
#include "decoder/path_sums/statewise_graph.hpp"

namespace harpy::forward_backward {

/// Forward-backward of up to kWideLanes utterances over a StatewiseGraph, in plain floats with a
/// common power of two for each frame and utterance. What is 2^-110 of the largest sum of its frame
/// is dropped. Whether that lost anything shows in each frame's sum of forward times backward sums,
/// which must be the utterance's total: an utterance for which it is not is left as it was and told
/// to the caller, who computes it with scaled numbers.
///
/// An utterance gets the same bits whatever stands beside it.
class StatewiseTrellis {
 public:
  /// As CpuForwardBackward::evaluate. Utterances whose log_probabilities are NaN are left out.
  /// Returns which lanes were not computed, their bits counted from the lowest.
  std::uint32_t evaluate(const StatewiseGraph& graph, std::int32_t start, std::int64_t pdf_count,
                         std::span<const UtteranceScores> utterances, float factor,
                         std::span<double> log_probabilities);

 private:
  static constexpr std::size_t kLanes = kWideLanes;
  using Floats = LaneFloats<kWideLanes>;
  using Ints = LaneInts<kWideLanes>;

  void prepare();
  void forward(std::int32_t start);
  void backward();
  void add_ends(std::int64_t frame, Floats* sums) const;
  void take_totals(std::int64_t frame);
  void check_masses(std::int64_t frame, const Floats& masses);
  std::size_t state_count() const { return graph_->pdfs.size(); }
  Floats* sums_before(std::int64_t frame) {
    return forward_.data() + static_cast<std::size_t>(frame) * state_count();
  }

  const StatewiseGraph* graph_ = nullptr;
  std::size_t pdf_count_ = 0;
  LaneUtterances<kWideLanes> lanes_;
  std::uint32_t failed_ = 0;         ///< lanes whose masses differ from their totals
  Floats totals_;                    ///< with the shifts of all frames taken off
  std::vector<Floats> forward_;      ///< [frames + 1, states]; from the back, a frame's occupations
                                     ///< [pdfs] take the place of the sums behind it
  std::vector<Floats> backward_;     ///< [2, states]
  std::vector<Floats> scored_;       ///< [states], backward sums with their scores
  std::vector<Ints> shifts_;         ///< [frames]
  std::vector<Floats> scores_;       ///< [pdfs]
  std::vector<Floats> occupations_;  ///< [pdfs]
};

}  // namespace harpy::forward_backward

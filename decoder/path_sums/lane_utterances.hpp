#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "decoder/path_sums/forward_backward.hpp"
#include "decoder/path_sums/forward_backward_cpu_kernels.hpp"

namespace harpy::forward_backward {

/// Up to kLanes (1 or kWideLanes) utterances side by side, each in a lane of its own: their
/// lengths, their scores frame by frame, and where their posteriors go.
template <int kLanes>
class LaneUtterances {
 public:
  /// Utterances whose log_probabilities are NaN are left out.
  void assign(std::span<const UtteranceScores> utterances,
              std::span<const double> log_probabilities, std::int64_t pdf_count);

  /// Frames of a lane's utterance; -1 for lanes that are not used.
  std::int64_t frame_count(std::size_t lane) const { return frame_counts_[lane]; }
  /// Of the longest utterance; -1 if no lane is used.
  std::int64_t frame_count() const { return frame_count_; }
  bool any_ends_before(std::int64_t frame) const;

  /// The scores of a frame, [pdfs]; zero in lanes whose utterance has ended. Valid until the next
  /// call.
  const ScaledLanes<kLanes>* load_scores(std::int64_t frame);
  /// Adds the factor times a lane's occupations [pdfs] to its utterance's gradient.
  void add_occupations(std::size_t lane, std::int64_t frame, float factor,
                       const LaneFloats<kLanes>* occupations) const;

  /// log(total * 2^(the lane's shifts of all its frames)); minus infinity for a total of 0.
  double log_probability(std::size_t lane, const ScaledFloat& total,
                         std::span<const LaneInts<kLanes>> shifts) const;

 private:
  std::span<const UtteranceScores> utterances_;
  std::int64_t pdf_count_ = 0;
  std::int64_t frame_counts_[kLanes] = {};
  std::int64_t frame_count_ = 0;
  std::vector<LaneFloats<kLanes>> rows_;     ///< [pdfs]
  std::vector<ScaledLanes<kLanes>> scores_;  ///< [pdfs]
};

}  // namespace harpy::forward_backward

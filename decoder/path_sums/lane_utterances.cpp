#include "decoder/path_sums/lane_utterances.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "decoder/path_sums/grow.hpp"

namespace harpy::forward_backward {

template <int kLanes>
void LaneUtterances<kLanes>::assign(std::span<const UtteranceScores> utterances,
                                    std::span<const double> log_probabilities,
                                    std::int64_t pdf_count) {
  utterances_ = utterances;
  pdf_count_ = pdf_count;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool is_used = lane < utterances.size() && !std::isnan(log_probabilities[lane]);
    frame_counts_[lane] = is_used ? utterances[lane].frame_count : -1;
  }
  frame_count_ = *std::max_element(frame_counts_, frame_counts_ + kLanes);
  grow(rows_, static_cast<std::size_t>(pdf_count));
  grow(scores_, static_cast<std::size_t>(pdf_count));
}

template <int kLanes>
bool LaneUtterances<kLanes>::any_ends_before(std::int64_t frame) const {
  return std::find(frame_counts_, frame_counts_ + kLanes, frame) != frame_counts_ + kLanes;
}

template <int kLanes>
const ScaledLanes<kLanes>* LaneUtterances<kLanes>::load_scores(std::int64_t frame) {
  const auto pdfs = static_cast<std::size_t>(pdf_count_);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame < frame_counts_[lane]) {
      const float* row = utterances_[lane].log_likelihoods + frame * pdf_count_;
      for (std::size_t p = 0; p < pdfs; ++p) rows_[p].lane[lane] = row[p];
    } else {
      constexpr float kZero = -std::numeric_limits<float>::infinity();
      for (std::size_t p = 0; p < pdfs; ++p) rows_[p].lane[lane] = kZero;
    }
  }
  exp_scores(rows_.data(), pdf_count_, scores_.data());
  return scores_.data();
}

template <int kLanes>
void LaneUtterances<kLanes>::add_occupations(std::size_t lane, std::int64_t frame, float factor,
                                             const LaneFloats<kLanes>* occupations) const {
  float* const row = utterances_[lane].gradient + frame * pdf_count_;
  for (std::int64_t p = 0; p < pdf_count_; ++p) row[p] += factor * occupations[p].lane[lane];
}

template <int kLanes>
double LaneUtterances<kLanes>::log_probability(std::size_t lane, const ScaledFloat& total,
                                               std::span<const LaneInts<kLanes>> shifts) const {
  if (total.mantissa == 0.0F) return -std::numeric_limits<double>::infinity();
  std::int64_t exponent = total.exponent;
  for (std::int64_t frame = 0; frame < frame_counts_[lane]; ++frame) {
    exponent += shifts[static_cast<std::size_t>(frame)].lane[lane];
  }
  return std::log(static_cast<double>(total.mantissa)) +
         static_cast<double>(exponent) * std::numbers::ln2;
}

template class LaneUtterances<1>;
template class LaneUtterances<kWideLanes>;

}  // namespace harpy::forward_backward

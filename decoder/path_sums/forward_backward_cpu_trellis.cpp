#include "decoder/path_sums/forward_backward_cpu_trellis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "decoder/path_sums/grow.hpp"

namespace harpy::forward_backward {
template <int kLanes>
void Trellis<kLanes>::evaluate(const SummationGraph& graph,
                               std::span<const UtteranceScores> utterances, float factor,
                               std::span<double> log_probabilities) {
  graph_ = &graph;
  utterances_ = utterances;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool is_used = lane < utterances.size() && !std::isnan(log_probabilities[lane]);
    frame_counts_[lane] = is_used ? utterances[lane].frame_count : -1;
  }
  frame_count_ = *std::max_element(frame_counts_, frame_counts_ + kLanes);
  if (frame_count_ < 0) return;
  prepare();
  forward();
  backward(factor);
  for (std::size_t lane = 0; lane < utterances.size(); ++lane) {
    if (frame_counts_[lane] >= 0) log_probabilities[lane] = log_probability(lane);
  }
}

template <int kLanes>
void Trellis<kLanes>::prepare() {
  const auto frames = static_cast<std::size_t>(frame_count_);
  const auto states = static_cast<std::size_t>(graph_->state_count());
  const auto pdfs = static_cast<std::size_t>(graph_->pdf_count());
  grow(forward_, (frames + 1) * states);
  grow(backward_, 2 * states);
  grow(shifts_, frames);
  grow(rows_, pdfs);
  grow(scores_, pdfs);
  grow(occupations_, pdfs);
  std::fill_n(total_.mantissa.lane, kLanes, 0.0F);
  std::fill_n(total_.exponent.lane, kLanes, kZeroExponent);
}

template <int kLanes>
void Trellis<kLanes>::forward() {
  LaneInts<kLanes> largest;
  forward_step(*graph_, ForwardStep<kLanes>{.before = nullptr,
                                            .scores = nullptr,
                                            .shift = {},
                                            .after = sums_before(0),
                                            .largest = &largest});
  take_totals(0);
  for (std::int64_t frame = 0; frame < frame_count_; ++frame) {
    load_scores(frame);
    LaneInts<kLanes>& shift = shifts_[static_cast<std::size_t>(frame)];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      shift.lane[lane] = largest.lane[lane] > kZeroExponent ? largest.lane[lane] : 0;
    }
    forward_step(*graph_, ForwardStep<kLanes>{.before = sums_before(frame),
                                              .scores = scores_.data(),
                                              .shift = shift,
                                              .after = sums_before(frame + 1),
                                              .largest = &largest});
    take_totals(frame + 1);
  }
}

template <int kLanes>
void Trellis<kLanes>::backward(float factor) {
  const auto states = static_cast<std::size_t>(graph_->state_count());
  Number* before = backward_.data();
  Number* after = before + states;
  for (std::int64_t frame = frame_count_; frame >= 0; --frame) {
    const bool is_behind_last = frame == frame_count_;
    BackwardStep<kLanes> step{.after = is_behind_last ? nullptr : after,
                              .scores = nullptr,
                              .shift = {},
                              .ending = {},
                              .any_ending = any_ends_before(frame),
                              .before = before,
                              .forward = sums_before(frame),
                              .total_exponent = total_.exponent,
                              .occupations = occupations_.data()};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      step.ending.lane[lane] = frame_counts_[lane] == frame ? -1 : 0;
    }
    if (!is_behind_last) {
      load_scores(frame);
      step.scores = scores_.data();
      step.shift = shifts_[static_cast<std::size_t>(frame)];
    }
    backward_step(*graph_, step);
    if (!is_behind_last) add_occupations(frame, factor);
    std::swap(before, after);
  }
}

/// Scores of a frame as mantissas and exponents; zero in lanes whose utterance has ended.
template <int kLanes>
void Trellis<kLanes>::load_scores(std::int64_t frame) {
  const std::int64_t pdfs = graph_->pdf_count();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame < frame_counts_[lane]) {
      const float* row = utterances_[lane].log_likelihoods + frame * pdfs;
      for (std::int64_t p = 0; p < pdfs; ++p)
        rows_[static_cast<std::size_t>(p)].lane[lane] = row[p];
    } else {
      constexpr float kZero = -std::numeric_limits<float>::infinity();
      for (std::int64_t p = 0; p < pdfs; ++p) rows_[static_cast<std::size_t>(p)].lane[lane] = kZero;
    }
  }
  exp_scores(rows_.data(), pdfs, scores_.data());
}

template <int kLanes>
bool Trellis<kLanes>::any_ends_before(std::int64_t frame) const {
  return std::find(frame_counts_, frame_counts_ + kLanes, frame) != frame_counts_ + kLanes;
}

/// Keeps the totals of the utterances that end before the frame.
template <int kLanes>
void Trellis<kLanes>::take_totals(std::int64_t frame) {
  if (!any_ends_before(frame)) return;
  Number total;
  final_total(*graph_, sums_before(frame), total);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame_counts_[lane] != frame) continue;
    total_.mantissa.lane[lane] = total.mantissa.lane[lane];
    total_.exponent.lane[lane] = total.exponent.lane[lane];
  }
}

template <int kLanes>
void Trellis<kLanes>::add_occupations(std::int64_t frame, float factor) {
  const std::int64_t pdfs = graph_->pdf_count();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame >= frame_counts_[lane] || total_.mantissa.lane[lane] == 0.0F) continue;
    float* row = utterances_[lane].gradient + frame * pdfs;
    for (std::int64_t p = 0; p < pdfs; ++p) {
      row[p] += factor * occupations_[static_cast<std::size_t>(p)].lane[lane];
    }
  }
}

template <int kLanes>
double Trellis<kLanes>::log_probability(std::size_t lane) const {
  const float mantissa = total_.mantissa.lane[lane];
  if (mantissa == 0.0F) return -std::numeric_limits<double>::infinity();
  std::int64_t exponent = total_.exponent.lane[lane];
  for (std::int64_t frame = 0; frame < frame_counts_[lane]; ++frame) {
    exponent += shifts_[static_cast<std::size_t>(frame)].lane[lane];
  }
  return std::log(static_cast<double>(mantissa)) +
         static_cast<double>(exponent) * std::numbers::ln2;
}

template class Trellis<1>;
template class Trellis<kWideLanes>;

}  // namespace harpy::forward_backward

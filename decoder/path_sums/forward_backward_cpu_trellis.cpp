#include "decoder/path_sums/forward_backward_cpu_trellis.hpp"

#include <algorithm>
#include <utility>

#include "decoder/path_sums/grow.hpp"

namespace harpy::forward_backward {

template <int kLanes>
void Trellis<kLanes>::evaluate(const SummationGraph& graph,
                               std::span<const UtteranceScores> utterances, float factor,
                               std::span<double> log_probabilities) {
  graph_ = &graph;
  lanes_.assign(utterances, log_probabilities, graph.pdf_count());
  if (lanes_.frame_count() < 0) return;
  prepare();
  forward();
  backward(factor);
  for (std::size_t lane = 0; lane < utterances.size(); ++lane) {
    if (lanes_.frame_count(lane) < 0) continue;
    log_probabilities[lane] =
        lanes_.log_probability(lane, {total_.mantissa.lane[lane], total_.exponent.lane[lane]},
                               std::span<const LaneInts<kLanes>>(shifts_));
  }
}

template <int kLanes>
void Trellis<kLanes>::prepare() {
  const auto frames = static_cast<std::size_t>(lanes_.frame_count());
  const auto states = static_cast<std::size_t>(graph_->state_count());
  const auto pdfs = static_cast<std::size_t>(graph_->pdf_count());
  grow(forward_, (frames + 1) * states);
  grow(backward_, 2 * states);
  grow(shifts_, frames);
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
  for (std::int64_t frame = 0; frame < lanes_.frame_count(); ++frame) {
    const Number* const scores = lanes_.load_scores(frame);
    LaneInts<kLanes>& shift = shifts_[static_cast<std::size_t>(frame)];
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      shift.lane[lane] = largest.lane[lane] > kZeroExponent ? largest.lane[lane] : 0;
    }
    forward_step(*graph_, ForwardStep<kLanes>{.before = sums_before(frame),
                                              .scores = scores,
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
  for (std::int64_t frame = lanes_.frame_count(); frame >= 0; --frame) {
    const bool is_behind_last = frame == lanes_.frame_count();
    BackwardStep<kLanes> step{.after = is_behind_last ? nullptr : after,
                              .scores = nullptr,
                              .shift = {},
                              .ending = {},
                              .any_ending = lanes_.any_ends_before(frame),
                              .before = before,
                              .forward = sums_before(frame),
                              .total_exponent = total_.exponent,
                              .occupations = occupations_.data()};
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      step.ending.lane[lane] = lanes_.frame_count(lane) == frame ? -1 : 0;
    }
    if (!is_behind_last) {
      step.scores = lanes_.load_scores(frame);
      step.shift = shifts_[static_cast<std::size_t>(frame)];
    }
    backward_step(*graph_, step);
    if (!is_behind_last) add_occupations(frame, factor);
    std::swap(before, after);
  }
}

/// Keeps the totals of the utterances that end before the frame.
template <int kLanes>
void Trellis<kLanes>::take_totals(std::int64_t frame) {
  if (!lanes_.any_ends_before(frame)) return;
  Number total;
  final_total(*graph_, sums_before(frame), total);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (lanes_.frame_count(lane) != frame) continue;
    total_.mantissa.lane[lane] = total.mantissa.lane[lane];
    total_.exponent.lane[lane] = total.exponent.lane[lane];
  }
}

template <int kLanes>
void Trellis<kLanes>::add_occupations(std::int64_t frame, float factor) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame >= lanes_.frame_count(lane) || total_.mantissa.lane[lane] == 0.0F) continue;
    lanes_.add_occupations(lane, frame, factor, occupations_.data());
  }
}

template class Trellis<1>;
template class Trellis<kWideLanes>;

}  // namespace harpy::forward_backward

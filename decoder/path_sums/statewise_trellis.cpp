#include "decoder/path_sums/statewise_trellis.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "decoder/path_sums/grow.hpp"
#include "decoder/path_sums/statewise_kernels.hpp"

namespace harpy::forward_backward {
namespace {

constexpr float kLeastTotal = 0x1p-60F;
constexpr float kTolerance = 1e-3F;  ///< of masses: rounding stays far below it

}  // namespace

std::uint32_t StatewiseTrellis::evaluate(const StatewiseGraph& graph, std::int32_t start,
                                         std::int64_t pdf_count,
                                         std::span<const UtteranceScores> utterances, float factor,
                                         std::span<double> log_probabilities) {
  graph_ = &graph;
  pdf_count_ = static_cast<std::size_t>(pdf_count);
  lanes_.assign(utterances, log_probabilities, pdf_count);
  failed_ = 0;
  if (lanes_.frame_count() < 0) return 0;
  prepare();
  forward(start);
  backward();
  for (std::size_t lane = 0; lane < utterances.size(); ++lane) {
    const std::int64_t frame_count = lanes_.frame_count(lane);
    if (frame_count < 0 || (failed_ >> lane & 1U) != 0) continue;
    log_probabilities[lane] =
        lanes_.log_probability(lane, {totals_.lane[lane], 0}, std::span<const Ints>(shifts_));
    for (std::int64_t frame = 0; frame < frame_count; ++frame) {
      lanes_.add_occupations(lane, frame, factor, sums_before(frame + 1));
    }
  }
  return failed_;
}

void StatewiseTrellis::prepare() {
  const auto frames = static_cast<std::size_t>(lanes_.frame_count());
  grow(forward_, (frames + 1) * state_count());
  grow(backward_, 2 * state_count());
  grow(scored_, state_count());
  grow(shifts_, frames);
  grow(scores_, pdf_count_);
  grow(occupations_, pdf_count_);
}

void StatewiseTrellis::forward(std::int32_t start) {
  std::fill_n(sums_before(0), state_count(), Floats{});
  std::fill_n(sums_before(0)[start].lane, kLanes, 1.0F);
  take_totals(0);
  Ints largest{};  // exponents of the sums before the frame
  for (std::int64_t frame = 0; frame < lanes_.frame_count(); ++frame) {
    const auto* const scaled = lanes_.load_scores(frame);
    Ints& shift = shifts_[static_cast<std::size_t>(frame)];
    find_largest_exponents(scaled, pdf_count_, shift);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      int& exponent = shift.lane[lane];
      exponent = exponent > kZeroExponent ? exponent + largest.lane[lane] : 0;
    }
    unscale(scaled, pdf_count_, shift, scores_.data());
    push_forward(*graph_, sums_before(frame), scores_.data(), sums_before(frame + 1), largest);
    take_totals(frame + 1);
  }
}

void StatewiseTrellis::backward() {
  Floats* before = backward_.data();
  Floats* after = before + state_count();
  std::fill_n(after, state_count(), Floats{});
  add_ends(lanes_.frame_count(), after);
  Floats mass;
  for (std::int64_t frame = lanes_.frame_count(); frame-- > 0;) {
    Floats* const occupied = sums_before(frame + 1);
    occupy(*graph_, pdf_count_, occupied, after, occupations_.data(), mass);
    check_masses(frame, mass);
    std::copy_n(occupations_.data(), pdf_count_, occupied);
    unscale(lanes_.load_scores(frame), pdf_count_, shifts_[static_cast<std::size_t>(frame)],
            scores_.data());
    pull_backward(*graph_, after, scores_.data(), scored_.data(), before);
    add_ends(frame, before);
    std::swap(before, after);
  }
  occupy(*graph_, pdf_count_, sums_before(0), after, occupations_.data(), mass);
  check_masses(0, mass);
}

/// Adds the final weights in lanes whose utterance ends before the frame.
void StatewiseTrellis::add_ends(std::int64_t frame, Floats* sums) const {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (lanes_.frame_count(lane) != frame) continue;
    for (std::size_t s = 0; s < state_count(); ++s) sums[s].lane[lane] += graph_->final_weights[s];
  }
}

/// Keeps the totals of the utterances that end before the frame.
void StatewiseTrellis::take_totals(std::int64_t frame) {
  const Floats* const sums = sums_before(frame);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (lanes_.frame_count(lane) != frame) continue;
    float total = 0.0F;
    for (std::size_t s = 0; s < state_count(); ++s) {
      total += sums[s].lane[lane] * graph_->final_weights[s];
    }
    totals_.lane[lane] = total;
    if (!(total >= kLeastTotal)) failed_ |= 1U << lane;
  }
}

void StatewiseTrellis::check_masses(std::int64_t frame, const Floats& masses) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const float total = totals_.lane[lane];
    const bool is_running = frame < lanes_.frame_count(lane);
    if (is_running && !(std::abs(masses.lane[lane] - total) <= kTolerance * total)) {
      failed_ |= 1U << lane;
    }
  }
}

}  // namespace harpy::forward_backward

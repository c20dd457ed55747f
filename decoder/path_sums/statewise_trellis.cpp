#include "decoder/path_sums/statewise_trellis.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
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
  pdf_count_ = pdf_count;
  utterances_ = utterances;
  failed_ = 0;
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    const bool is_used = lane < utterances.size() && !std::isnan(log_probabilities[lane]);
    frame_counts_[lane] = is_used ? utterances[lane].frame_count : -1;
  }
  frame_count_ = *std::max_element(frame_counts_, frame_counts_ + kLanes);
  if (frame_count_ < 0) return 0;
  prepare();
  forward(start);
  backward();
  for (std::size_t lane = 0; lane < utterances.size(); ++lane) {
    if (frame_counts_[lane] < 0 || (failed_ >> lane & 1U) != 0) continue;
    log_probabilities[lane] = log_probability(lane);
    add_occupations(lane, factor);
  }
  return failed_;
}

void StatewiseTrellis::prepare() {
  const auto frames = static_cast<std::size_t>(frame_count_);
  grow(forward_, (frames + 1) * state_count());
  grow(backward_, 2 * state_count());
  grow(scored_, state_count());
  grow(shifts_, frames);
  grow(rows_, pdf_count());
  grow(scaled_scores_, pdf_count());
  grow(scores_, pdf_count());
  grow(occupations_, pdf_count());
}

void StatewiseTrellis::forward(std::int32_t start) {
  std::fill_n(sums_before(0), state_count(), Floats{});
  std::fill_n(sums_before(0)[start].lane, kLanes, 1.0F);
  take_totals(0);
  Ints largest{};  // exponents of the sums before the frame
  for (std::int64_t frame = 0; frame < frame_count_; ++frame) {
    load_scores(frame);
    Ints& shift = shifts_[static_cast<std::size_t>(frame)];
    find_largest_exponents(scaled_scores_.data(), pdf_count(), shift);
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      int& exponent = shift.lane[lane];
      exponent = exponent > kZeroExponent ? exponent + largest.lane[lane] : 0;
    }
    unscale(scaled_scores_.data(), pdf_count(), shift, scores_.data());
    push_forward(*graph_, sums_before(frame), scores_.data(), sums_before(frame + 1), largest);
    take_totals(frame + 1);
  }
}

void StatewiseTrellis::backward() {
  Floats* before = backward_.data();
  Floats* after = before + state_count();
  std::fill_n(after, state_count(), Floats{});
  add_ends(frame_count_, after);
  Floats mass;
  for (std::int64_t frame = frame_count_; frame-- > 0;) {
    Floats* const occupied = sums_before(frame + 1);
    occupy(*graph_, pdf_count(), occupied, after, occupations_.data(), mass);
    check_masses(frame, mass);
    std::copy_n(occupations_.data(), pdf_count(), occupied);
    load_scores(frame);
    unscale(scaled_scores_.data(), pdf_count(), shifts_[static_cast<std::size_t>(frame)],
            scores_.data());
    pull_backward(*graph_, after, scores_.data(), scored_.data(), before);
    add_ends(frame, before);
    std::swap(before, after);
  }
  occupy(*graph_, pdf_count(), sums_before(0), after, occupations_.data(), mass);
  check_masses(0, mass);
}

/// Scores of a frame; zero in lanes whose utterance has ended.
void StatewiseTrellis::load_scores(std::int64_t frame) {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame < frame_counts_[lane]) {
      const float* row = utterances_[lane].log_likelihoods + frame * pdf_count_;
      for (std::size_t p = 0; p < pdf_count(); ++p) rows_[p].lane[lane] = row[p];
    } else {
      constexpr float kZero = -std::numeric_limits<float>::infinity();
      for (std::size_t p = 0; p < pdf_count(); ++p) rows_[p].lane[lane] = kZero;
    }
  }
  exp_scores(rows_.data(), pdf_count_, scaled_scores_.data());
}

/// Adds the final weights in lanes whose utterance ends before the frame.
void StatewiseTrellis::add_ends(std::int64_t frame, Floats* sums) const {
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame_counts_[lane] != frame) continue;
    for (std::size_t s = 0; s < state_count(); ++s) sums[s].lane[lane] += graph_->final_weights[s];
  }
}

/// Keeps the totals of the utterances that end before the frame.
void StatewiseTrellis::take_totals(std::int64_t frame) {
  const Floats* const sums = sums_before(frame);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    if (frame_counts_[lane] != frame) continue;
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
    const bool is_running = frame < frame_counts_[lane];
    if (is_running && !(std::abs(masses.lane[lane] - total) <= kTolerance * total)) {
      failed_ |= 1U << lane;
    }
  }
}

void StatewiseTrellis::add_occupations(std::size_t lane, float factor) {
  for (std::int64_t frame = 0; frame < frame_counts_[lane]; ++frame) {
    const Floats* const occupations = sums_before(frame + 1);
    float* const row = utterances_[lane].gradient + frame * pdf_count_;
    for (std::size_t p = 0; p < pdf_count(); ++p) row[p] += factor * occupations[p].lane[lane];
  }
}

double StatewiseTrellis::log_probability(std::size_t lane) const {
  std::int64_t exponent = 0;
  for (std::int64_t frame = 0; frame < frame_counts_[lane]; ++frame) {
    exponent += shifts_[static_cast<std::size_t>(frame)].lane[lane];
  }
  return std::log(static_cast<double>(totals_.lane[lane])) +
         static_cast<double>(exponent) * std::numbers::ln2;
}

}  // namespace harpy::forward_backward

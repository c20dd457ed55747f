#pragma once

#include <cstdint>

#include "decoder/path_sums/scaled_lanes.hpp"
#include "decoder/path_sums/summation_graph.hpp"

/// The loops of forward-backward over one frame, for one utterance or for one in each lane.
namespace harpy::forward_backward {

/// Utterances side by side in the wide kernels.
inline constexpr int kWideLanes = 16;

/// exp of x[0 .. count).
void exp_scores(const LaneFloats<1>* x, std::int64_t count, ScaledLanes<1>* y);
void exp_scores(const LaneFloats<kWideLanes>* x, std::int64_t count, ScaledLanes<kWideLanes>* y);

/// Whether all of x[0 .. count) are at most `limit`; false if any is NaN.
bool all_at_most(float limit, const float* x, std::int64_t count);

/// One frame of the forward recursion.
template <int kLanes>
struct ForwardStep {
  const ScaledLanes<kLanes>* before = nullptr;  ///< [states], null before the first frame
  const ScaledLanes<kLanes>* scores = nullptr;  ///< [pdfs], of the frame that is consumed
  LaneInts<kLanes> shift{};                     ///< taken off the exponents
  ScaledLanes<kLanes>* after = nullptr;         ///< [states], written
  LaneInts<kLanes>* largest = nullptr;          ///< exponent in `after`, written
};

/// after[s] = 2^-shift * sum over emitting arcs (r, s) of before[r] * weight * score
///          + sum over epsilon arcs (r, s) of after[r] * weight;
/// without `before` the first sum is 1 at the start and 0 elsewhere.
void forward_step(const SummationGraph& graph, const ForwardStep<1>& step);
void forward_step(const SummationGraph& graph, const ForwardStep<kWideLanes>& step);

/// One frame of the backward recursion, with the occupation of each pdf in it.
template <int kLanes>
struct BackwardStep {
  const ScaledLanes<kLanes>* after = nullptr;    ///< [states], null behind the last frame
  const ScaledLanes<kLanes>* scores = nullptr;   ///< [pdfs], of the frame that is consumed
  LaneInts<kLanes> shift{};                      ///< taken off the exponents
  LaneInts<kLanes> ending{};                     ///< -1 where the utterance ends before the frame
  bool any_ending = false;                       ///< whether `ending` has a -1
  ScaledLanes<kLanes>* before = nullptr;         ///< [states], written
  const ScaledLanes<kLanes>* forward = nullptr;  ///< [states], forward sums before the frame
  LaneInts<kLanes> total_exponent{};             ///< of the forward total
  LaneFloats<kLanes>* occupations = nullptr;     ///< [pdfs], overwritten unless `after` is null
};

/// before[s] = 2^-shift * sum over emitting arcs (s, r) of weight * score * after[r]
///           + sum over epsilon arcs (s, r) of weight * before[r]
///           + the final weight of s where the utterance ends;
/// occupations[p] = sum over arcs (s, r) of pdf p of forward[s] * weight * score * after[r],
/// divided by their sum over all pdfs (zero if there is none).
void backward_step(const SummationGraph& graph, const BackwardStep<1>& step);
void backward_step(const SummationGraph& graph, const BackwardStep<kWideLanes>& step);

/// total = sum over states of sums[s] * final weight of s.
void final_total(const SummationGraph& graph, const ScaledLanes<1>* sums, ScaledLanes<1>& total);
void final_total(const SummationGraph& graph, const ScaledLanes<kWideLanes>* sums,
                 ScaledLanes<kWideLanes>& total);

}  // namespace harpy::forward_backward

#pragma once

#include <cstddef>
#include <cstdint>

#include "decoder/path_sums/forward_backward_cpu_kernels.hpp"
#include "decoder/path_sums/statewise_graph.hpp"

/// The loops of StatewiseTrellis over one frame, for one utterance in each lane.
namespace harpy::forward_backward {

/// The largest exponents of x[0 .. count).
void find_largest_exponents(const ScaledLanes<kWideLanes>* x, std::size_t count,
                            LaneInts<kWideLanes>& largest);

/// y = x * 2^-shift; where that is below 2^-126, 0.
void unscale(const ScaledLanes<kWideLanes>* x, std::size_t count, const LaneInts<kWideLanes>& shift,
             LaneFloats<kWideLanes>* y);

/// after[s] = scores[pdf of s] * sum over arcs (r, s) of before[r] * weight; writes the exponents
/// of the largest ones, 0 where all are zero.
void push_forward(const StatewiseGraph& graph, const LaneFloats<kWideLanes>* before,
                  const LaneFloats<kWideLanes>* scores, LaneFloats<kWideLanes>* after,
                  LaneInts<kWideLanes>& largest);

/// before[s] = sum over arcs (s, r) of weight * scores[pdf of r] * after[r]. `scored` has room for
/// the states.
void pull_backward(const StatewiseGraph& graph, const LaneFloats<kWideLanes>* after,
                   const LaneFloats<kWideLanes>* scores, LaneFloats<kWideLanes>* scored,
                   LaneFloats<kWideLanes>* before);

/// occupations[p] = sum over states s of pdf p of forward[s] * backward[s], divided by the sum over
/// all states, which is written to `mass`.
void occupy(const StatewiseGraph& graph, std::size_t pdf_count,
            const LaneFloats<kWideLanes>* forward, const LaneFloats<kWideLanes>* backward,
            LaneFloats<kWideLanes>* occupations, LaneFloats<kWideLanes>& mass);

}  // namespace harpy::forward_backward

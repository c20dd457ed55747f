#pragma once

#include <cstdint>

#include "decoder/path_sums/scaled_number.hpp"
#include "decoder/path_sums/summation_graph.hpp"

namespace harpy::forward_backward {

/// An emitting arc with both its states, for the occupation of its pdf.
struct OccupationArc {
  std::int32_t source = 0;
  std::int32_t target = 0;
  ScaledFloat weight{0.0F, kZeroExponent};
};

/// Arcs [begin[s] .. begin[s + 1]) of state s, the emitting ones up to epsilon[s].
struct ArcIndex {
  const std::uint32_t* begin = nullptr;    ///< [states + 1]
  const std::uint32_t* epsilon = nullptr;  ///< [states]
  const SummationGraph::Arc* arcs = nullptr;
};

/// A SummationGraph as pointers that live on the host or on a device, with its emitting arcs
/// grouped by pdf. Group g is pdf group_pdf[g] and has the pieces
/// group_piece_begin[g] .. group_piece_begin[g + 1); piece q, of pdf piece_pdf[q], has the arcs
/// piece_arc_begin[q] .. piece_arc_begin[q + 1), at most kPieceArcs.
struct SummationGraphView {
  std::int32_t state_count = 0, pdf_count = 0, level_count = 0;
  std::int32_t group_count = 0, piece_count = 0;
  std::int32_t start = 0;
  const std::int32_t* level_begin = nullptr;        ///< [levels + 1]
  ArcIndex in, out;                                 ///< by target and by source
  const ScaledFloat* final_weights = nullptr;       ///< [states]
  const std::int32_t* group_pdf = nullptr;          ///< [groups]
  const std::int32_t* group_piece_begin = nullptr;  ///< [groups + 1]
  const std::int32_t* piece_pdf = nullptr;          ///< [pieces]
  const std::uint32_t* piece_arc_begin = nullptr;   ///< [pieces + 1]
  const OccupationArc* occupation_arcs = nullptr;   ///< [emitting arcs]
};

/// The result of the sum over the paths of an utterance.
struct ForwardBackwardResult {
  float mantissa = 0.0F;      ///< of P; 0 if no path has all frames
  std::uint32_t invalid = 0;  ///< whether a score is NaN or too large; then nothing else counts
  std::int64_t exponent = 0;  ///< of P, a power of 2
};

/// Working memory of one utterance.
struct ForwardBackwardMemory {
  ScaledFloat* forward = nullptr;      ///< [frames + 1, states]
  ScaledFloat* backward = nullptr;     ///< [2, states], of frames of even and odd number
  ScaledFloat* scores = nullptr;       ///< [2, pdfs], likewise
  std::uint32_t* largest = nullptr;    ///< [frames + 1], see exponent_key
  float* piece_sums = nullptr;         ///< [pieces]
  float* group_sums = nullptr;         ///< [groups]
  float* chunk_sums = nullptr;         ///< [chunks of groups]
  ScaledFloat* total_parts = nullptr;  ///< [chunks of states], the first one becomes P
};

/// The sum over the paths of one utterance, with the posterior of each pdf in each frame.
struct ForwardBackwardTask {
  SummationGraphView graph;
  std::int32_t frame_count = 0;
  float factor = 1.0F;                     ///< of the posteriors in the gradient
  const float* log_likelihoods = nullptr;  ///< [frames, pdfs]
  float* gradient = nullptr;               ///< [frames, pdfs], added to
  ForwardBackwardMemory memory;
  ForwardBackwardResult* result = nullptr;
};

/// One thread sums the occupations of so many groups, or the final sums of so many states.
inline constexpr std::int32_t kChunkGroups = 8;
inline constexpr std::int32_t kChunkStates = 32;
/// A piece has at most so many arcs.
inline constexpr std::uint32_t kPieceArcs = 16;

constexpr std::int32_t chunk_count(std::int32_t count, std::int32_t chunk) {
  return (count + chunk - 1) / chunk;
}

}  // namespace harpy::forward_backward

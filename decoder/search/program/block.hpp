#pragma once

#include <cstddef>
#include <cstdint>

#include "decoder/search/program/frame.hpp"
#include "decoder/search/program/history.hpp"
#include "decoder/search/program/lattice_prune.hpp"

namespace harpy {

/// A block of frames of one stream, whose tokens are in the lane.
struct SearchBlock {
  const float* log_likelihoods = nullptr;  ///< [frame_count, pdf_count]
  float* acoustic_costs = nullptr;         ///< [frame_count, pdf_count], room for them
  std::uint32_t frame_count = 0;
  std::uint32_t pdf_count = 0;
  float acoustic_scale = 1.0F;
  bool is_first = false;  ///< of its stream
};

/// Scale and sign of the log-likelihoods, in a pass of their own.
struct ScaleScores {
  SearchBlock block;

  template <typename Thread>
  constexpr void operator()(Thread thread) const {
    const std::uint32_t count = block.frame_count * block.pdf_count;
    for (std::uint32_t i = thread.index; i < count; i += thread.count) {
      block.acoustic_costs[i] = acoustic_cost(block.log_likelihoods[i], block.acoustic_scale);
    }
  }
};

/// Consumes a block of frames, then prunes the past; a lattice's, once enough frames are new.
template <typename Access, typename Executor, typename Arena>
constexpr void advance_block(const Executor& executor, Lane& lane, Arena& arena,
                             const SearchBlock& block) {
  executor.run(ScaleScores{block});
  if (block.is_first) start_search<Access>(executor, lane, arena);
  for (std::uint32_t frame = 0; frame < block.frame_count; ++frame) {
    executor.alone(
        [&] { lane.acoustic_costs = block.acoustic_costs + std::size_t{frame} * block.pdf_count; });
    advance_frame<Access>(executor, lane, arena);
  }
  if (!lane.keep_lattice) {
    prune_history<Access>(executor, lane, arena);
  } else if (lane.lattice_frame_count - lane.pruned_frame_count >= kLatticePruningFrames) {
    prune_lattice<Access>(executor, lane, arena, lane.pruned_frame_count);
  }
}

}  // namespace harpy

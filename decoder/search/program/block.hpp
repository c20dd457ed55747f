#pragma once

#include <cstddef>
#include <cstdint>

#include "decoder/search/program/arena.hpp"
#include "decoder/search/program/frame.hpp"
#include "decoder/search/program/history.hpp"
#include "decoder/search/program/lattice_prune.hpp"

namespace harpy::token_passing {

/// A block has at most this many frames: between two blocks the past is pruned.
inline constexpr std::int64_t kMostBlockFrames = 32;

/// A block of frames of the stream whose tokens are in the lane, and how much of it is done.
struct SearchBlock {
  const float* log_likelihoods = nullptr;  ///< [frame_count, pdf_count]
  float* acoustic_costs = nullptr;         ///< [frame_count, pdf_count], room for them
  std::uint32_t frame_count = 0;
  std::uint32_t pdf_count = 0;
  float acoustic_scale = 1.0F;
  bool starts_stream = false;     ///< whether the stream has no tokens yet
  std::uint32_t frames_done = 0;  ///< frames that have been consumed
};

/// Turns the log-likelihoods into costs: scale and sign, in a pass of their own.
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

/// Consumes the frames of a block that are left. Returns whether there was room for all of them.
template <typename Access, bool kSteered, PhaseExecutor Executor, SearchArena Arena>
constexpr bool consume_frames(const Executor& executor, Lane& lane, Arena& arena,
                              SearchBlock& block) {
  if (block.frames_done == block.frame_count) return true;
  executor.run(ScaleScores{block});
  for (std::uint32_t frame = block.frames_done; frame < block.frame_count; ++frame) {
    executor.alone(
        [&] { lane.acoustic_costs = block.acoustic_costs + std::size_t{frame} * block.pdf_count; });
    const bool is_done = arena.attempt(executor, lane, [&](const auto& attempting) {
      advance_frame<Access, kSteered>(attempting, lane, arena);
    });
    if (!is_done) return false;
    executor.alone([&] {
      arena.commit_frame(lane);
      block.frames_done = frame + 1;
    });
  }
  return true;
}

/// Prunes the past; that of a lattice only once enough frames are new. Returns whether there was
/// room.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr bool prune_past(const Executor& executor, Lane& lane, Arena& arena) {
  if (!lane.keep_lattice) {
    prune_history<Access>(executor, lane, arena);
    return true;
  }
  if (lane.lattice_frame_count - lane.pruned_frame_count < kLatticePruningFrames<Access>) {
    return true;
  }
  return arena.attempt(executor, lane, [&](const auto& attempting) {
    prune_lattice<Access>(attempting, lane, arena, lane.pruned_frame_count);
  });
}

/// Searches a block that has frames; see advance_block. What it costs to follow phrases is paid
/// only where there are some.
template <typename Access, bool kSteered, PhaseExecutor Executor, SearchArena Arena>
constexpr bool search_block(const Executor& executor, Lane& lane, Arena& arena,
                            SearchBlock& block) {
  if (block.starts_stream) {
    const bool is_started = arena.attempt(executor, lane, [&](const auto& attempting) {
      start_search<Access, kSteered>(attempting, lane, arena);
    });
    if (!is_started) return false;
    executor.alone([&] {
      arena.commit_start(lane);
      block.starts_stream = false;
    });
  }
  return consume_frames<Access, kSteered>(executor, lane, arena, block) &&
         prune_past<Access>(executor, lane, arena);
}

/// Searches a block: starts the stream if it has no tokens yet, consumes the frames and prunes the
/// past. Returns whether there was room for all of it; otherwise the block says how much is done,
/// and another call goes on from there. An empty block changes nothing. All threads of the executor
/// call it together.
template <typename Access, PhaseExecutor Executor, SearchArena Arena>
constexpr bool advance_block(const Executor& executor, Lane& lane, Arena& arena,
                             SearchBlock& block) {
  if (block.frame_count == 0) return true;
  return lane.is_steered() ? search_block<Access, true>(executor, lane, arena, block)
                           : search_block<Access, false>(executor, lane, arena, block);
}

}  // namespace harpy::token_passing

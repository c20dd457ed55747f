#pragma once

#include <cstdint>
#include <vector>

#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// The past of a stream of which a lattice is kept. Lane explains the arrays. The store belongs to
/// the stream, which lends it to the lane while it advances.
struct LatticeStore {
  std::uint32_t token_count = 0;
  std::uint32_t link_count = 0;
  std::uint32_t frame_count = 0;
  std::uint32_t pruned_frame_count = 0;

  // The arrays are at least as long as the counts say: they grow ahead of need.
  std::vector<HistoryToken> history;
  std::vector<SearchState> states;
  std::vector<std::uint32_t> extras;
  std::vector<std::uint32_t> token_begins{0};
  std::vector<LatticeLink> links;
  std::vector<std::uint32_t> link_ends;
};

}  // namespace harpy::token_passing

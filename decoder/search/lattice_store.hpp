#pragma once

#include <cstdint>
#include <vector>

#include "decoder/search/program/lane.hpp"

namespace harpy {

/// The past of a stream of which a lattice is kept; see Lane for the meaning of the arrays. It
/// belongs to the stream and is lent to the lane while the stream advances.
struct LatticeStore {
  std::uint32_t token_count = 0;
  std::uint32_t link_count = 0;
  std::uint32_t frame_count = 0;
  std::uint32_t pruned_frame_count = 0;

  // At least as long as the counts say, so that a store grows without being copied each time.
  std::vector<HistoryToken> history;
  std::vector<std::uint32_t> states;
  std::vector<std::uint32_t> extras;
  std::vector<std::uint32_t> token_begins{0};
  std::vector<LatticeLink> links;
  std::vector<std::uint32_t> link_ends;
};

}  // namespace harpy

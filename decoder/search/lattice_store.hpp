#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "decoder/search/program/lane.hpp"

namespace harpy::token_passing {

/// The past of a stream of which a lattice is kept, at rest in host memory. Lane explains the
/// arrays; here each is as long as what it holds.
struct LatticeStore {
  std::vector<HistoryToken> history;
  /// Empty where nothing is steered: a token's state is then the target of its arc, or the start.
  std::vector<SearchState> states;
  std::vector<std::uint32_t> extras;
  std::vector<std::uint32_t> token_begins{0};
  std::vector<LatticeLink> links;
  std::vector<std::uint32_t> link_ends;

  std::uint32_t pruned_frame_count = 0;
  /// The frames from this one on are what a lane needs to go on (cpu/lattice_window.hpp).
  std::uint32_t window_begin = 0;

  std::uint32_t frame_count() const { return static_cast<std::uint32_t>(token_begins.size() - 1); }
};

}  // namespace harpy::token_passing

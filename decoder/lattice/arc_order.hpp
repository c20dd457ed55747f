#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace harpy {

/// Where the arcs of each state begin in a list of all arcs, [states + 1].
/// Errors: std::invalid_argument, beginning with `name`, if arcs are not sorted by source, do not
/// lead from a lower to a higher state, or leave the states.
template <typename Arc>
std::vector<std::uint32_t> checked_arc_begins(const std::vector<Arc>& arcs, std::size_t state_count,
                                              const std::string& name) {
  std::vector<std::uint32_t> begins(state_count + 1, 0);
  for (std::size_t i = 0; i < arcs.size(); ++i) {
    const Arc& arc = arcs[i];
    if (arc.source >= arc.target || arc.target >= state_count) {
      throw std::invalid_argument(name + ": arc " + std::to_string(i) + " leads from state " +
                                  std::to_string(arc.source) + " to " + std::to_string(arc.target) +
                                  " of " + std::to_string(state_count));
    }
    if (i > 0 && arcs[i - 1].source > arc.source) {
      throw std::invalid_argument(name + ": arc " + std::to_string(i) +
                                  " is out of the order of sources");
    }
    ++begins[arc.source + 1];
  }
  for (std::size_t state = 0; state < state_count; ++state) begins[state + 1] += begins[state];
  return begins;
}

}  // namespace harpy

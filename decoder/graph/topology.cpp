#include "decoder/graph/topology.hpp"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <stdexcept>
#include <string>

namespace harpy {

Topology parse_topology(std::string_view name) {
  const auto* const found = std::find(std::begin(kTopologyNames), std::end(kTopologyNames), name);
  if (found == std::end(kTopologyNames)) {
    throw std::invalid_argument("topology \"" + std::string(name) +
                                "\": expected ctc, one-state or three-state");
  }
  return static_cast<Topology>(found - std::begin(kTopologyNames));
}

std::string_view topology_name(Topology topology) {
  return kTopologyNames[static_cast<std::size_t>(topology)];
}

}  // namespace harpy

#include "decoder/graph/topology.hpp"

#include <algorithm>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace harpy {

Topology parse_topology(std::string_view name) {
  const auto* const found = std::find(kTopologyNames.begin(), kTopologyNames.end(), name);
  if (found == kTopologyNames.end()) {
    throw std::invalid_argument("topology \"" + std::string(name) +
                                "\": expected ctc, one-state or three-state");
  }
  return static_cast<Topology>(found - kTopologyNames.begin());
}

std::string_view topology_name(Topology topology) {
  return kTopologyNames[static_cast<std::size_t>(topology)];
}

}  // namespace harpy

#include "decoder/graph/topology.hpp"

#include <stdexcept>
#include <string>

namespace harpy {

Topology parse_topology(std::string_view name) {
  if (name == topology_name(Topology::kCtc)) return Topology::kCtc;
  throw std::invalid_argument("topology \"" + std::string(name) + "\": expected ctc");
}

std::string_view topology_name(Topology) { return "ctc"; }

}  // namespace harpy

#pragma once

#include <cstdint>
#include <string_view>

namespace harpy {

/// How a label turns into frames; the numbers are part of the graph file format.
enum class Topology : std::uint32_t {
  kCtc = 0,  ///< one or more frames of the label, any number of blank frames between labels, at
             ///< least one between equal ones (Graves et al. 2006)
};

/// Errors: std::invalid_argument naming the topologies there are.
Topology parse_topology(std::string_view name);
std::string_view topology_name(Topology topology);

}  // namespace harpy

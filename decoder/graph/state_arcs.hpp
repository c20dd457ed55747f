#pragma once

#include <cstdint>
#include <span>

#include "decoder/graph/arc.hpp"

namespace harpy {

/// The arcs of a state that take a frame.
constexpr std::span<const Arc> emitting_arcs(const GraphView& graph, std::int64_t state) {
  return {graph.arcs + graph.arc_begin[state], graph.arcs + graph.epsilon_begin[state]};
}

/// The arcs of a state that take none.
constexpr std::span<const Arc> epsilon_arcs(const GraphView& graph, std::int64_t state) {
  return {graph.arcs + graph.epsilon_begin[state], graph.arcs + graph.arc_begin[state + 1]};
}

}  // namespace harpy

#pragma once

#include <cstdint>
#include <random>

#include "decoder/graph/decoding_graph.hpp"

namespace harpy::testing {

struct RandomGraphShape {
  std::int32_t states = 8;
  std::int32_t arcs = 24;
  std::int32_t pdfs = 4;
  std::int32_t words = 3;
  double epsilon_share = 0.3;
};

/// A graph without epsilon cycles (epsilon arcs lead to higher states), costs multiples of 1/8.
inline GraphDescription random_graph(const RandomGraphShape& shape, std::mt19937& random) {
  const auto below = [&random](std::int32_t limit) {
    return static_cast<std::int32_t>(random() % static_cast<std::uint32_t>(limit));
  };
  const auto cost = [&] { return static_cast<float>(below(64)) / 8.0F; };
  GraphDescription graph;
  graph.start = below(shape.states);
  graph.pdf_count = shape.pdfs;
  for (std::int32_t state = 0; state < shape.states; ++state) {
    graph.final_costs.push_back(below(3) == 0 ? cost() : kInfiniteCost);
  }
  for (std::int32_t i = 0; i < shape.arcs; ++i) {
    std::int32_t source = below(shape.states);
    Arc arc{.target = below(shape.states),
            .input = 1 + below(shape.pdfs),
            .output = below(shape.words + 1),
            .cost = cost()};
    if (below(1000) < static_cast<std::int32_t>(1000 * shape.epsilon_share)) {
      if (source == arc.target) continue;
      if (source > arc.target) std::swap(source, arc.target);
      arc.input = 0;
    }
    graph.arcs.push_back({source, arc});
  }
  return graph;
}

}  // namespace harpy::testing

#include "decoder/lattice_path.hpp"

#include <algorithm>

namespace harpy {

std::vector<PathStep> path_steps(const CompactLattice& lattice, const LatticePath& path) {
  std::vector<PathStep> steps;
  std::int32_t frame = 0;
  const auto add_labels = [&](const CompactWeight& weight) {
    for (const std::int32_t label : lattice.labels(weight)) steps.push_back({frame++, label, 0});
  };
  std::uint32_t state = 0;
  for (const std::uint32_t index : path.arcs) {
    const CompactLatticeArc& arc = lattice.arcs()[index];
    add_labels(arc.weight);
    if (arc.word != 0) steps.push_back({std::max(frame - 1, 0), 0, arc.word});
    state = arc.target;
  }
  if (!lattice.empty()) add_labels(lattice.states()[state].final);
  return steps;
}

}  // namespace harpy

#include "decoder/search/beam_search.hpp"

namespace harpy {

BestPath BeamSearch::best_path(SearchStream& stream, bool final) {
  BestPath path = best_end(stream, final);
  if (!path.exists()) return path;
  const std::span<const PathStep> decided = decided_steps(stream);
  path.steps.insert(path.steps.begin(), decided.begin(), decided.end());
  return path;
}

}  // namespace harpy

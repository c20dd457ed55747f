#include "decoder/search/beam_search_cpu.hpp"

#include "decoder/search/phase_beam_search.hpp"

namespace harpy {

std::unique_ptr<BeamSearch> make_cpu_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                                 const BeamSearchOptions& options) {
  return std::make_unique<PhaseBeamSearch<SerialExecutor, PlainAccess>>(std::move(graph), options,
                                                                        SerialExecutor{});
}

}  // namespace harpy

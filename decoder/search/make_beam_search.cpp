#include "decoder/search/make_beam_search.hpp"

#include <utility>

#include "acoustic/backend/backend.hpp"

namespace harpy {

std::unique_ptr<BeamSearch> make_beam_search(std::shared_ptr<const DecodingGraph> graph,
                                             const BeamSearchOptions& options, Backend& backend) {
  if (backend.device().kind == DeviceKind::kCpu) {
    return make_cpu_beam_search(std::move(graph), options);
  }
  return make_device_beam_search(std::move(graph), options, backend);
}

}  // namespace harpy

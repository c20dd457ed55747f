// Stands in for beam_search_cuda.cu in a build without CUDA.
#include <stdexcept>

#include "decoder/search/cuda/beam_search_cuda.hpp"

namespace harpy::cuda {

std::unique_ptr<BatchBeamSearch> make_beam_search(std::shared_ptr<const DeviceGraph> /*graph*/,
                                                  const BeamSearchOptions& /*options*/,
                                                  Backend& backend) {
  throw std::invalid_argument("beam search: expected a CUDA device, got " +
                              to_string(backend.device()));
}

}  // namespace harpy::cuda

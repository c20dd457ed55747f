// Stands in for lane_runner_cuda.cu in a build without CUDA.
#include <stdexcept>

#include "decoder/search/device/lane_runner.hpp"

namespace harpy::token_passing {

std::unique_ptr<LaneRunner> make_lane_runner(Backend& backend, LaneForm /*form*/) {
  throw std::invalid_argument("beam search: expected a CUDA device, got " +
                              to_string(backend.device()));
}

}  // namespace harpy::token_passing

// Stands in for log_mel_cuda.cu in a build without CUDA.
#include <stdexcept>

#include "frontend/log_mel_device.hpp"

namespace harpy::cuda {

void compute_log_mel(Backend& backend, const log_mel::Tables& /*tables*/,
                     std::span<const log_mel::Job> /*jobs*/, std::int64_t /*frame_count*/) {
  throw std::invalid_argument("log mel features: expected a CUDA device, got " +
                              to_string(backend.device()));
}

}  // namespace harpy::cuda

// Stands in for forward_backward_cuda.cu in a build without CUDA.
#include <stdexcept>

#include "acoustic/backend/backend.hpp"
#include "decoder/path_sums/forward_backward_batch.hpp"

namespace harpy::forward_backward {

void evaluate_on_device(Backend& backend, const ForwardBackwardBatch& /*batch*/,
                        std::span<double> /*log_probabilities*/) {
  throw std::invalid_argument("forward-backward: expected a CUDA device, got " +
                              to_string(backend.device()));
}

}  // namespace harpy::forward_backward

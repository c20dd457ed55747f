// Stands in for forward_backward_cuda.cu in a build without CUDA.
#include <stdexcept>

#include "decoder/path_sums/cuda/forward_backward_cuda.hpp"

namespace harpy::cuda {

void sum_over_paths(Backend& backend, const summation::SummationBatch& /*batch*/,
                    std::span<double> /*log_probabilities*/) {
  throw std::invalid_argument("forward-backward: expected a CUDA device, got " +
                              to_string(backend.device()));
}

}  // namespace harpy::cuda

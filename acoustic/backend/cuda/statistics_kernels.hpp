#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>
#include <memory>

#include "acoustic/backend/backend.hpp"

/// The operations of Backend that sum over rows or over all values, as steps of a stream. Sums over
/// rows are taken in float over pieces of 64 rows, then in double over the pieces; sums over all
/// values in double. The order of every sum follows from the shape alone. Errors: DeviceError.
namespace harpy::cuda {

/// The stream that the steps go to, and the memory that they take for intermediate sums.
struct Workplace {
  cudaStream_t stream = nullptr;
  const std::shared_ptr<DeviceMemory>& memory;
};

void sum_rows(const Workplace& place, ConstTensorView x, TensorView sums, Accumulate accumulate);
void row_statistics(const Workplace& place, ConstTensorView x, TensorView mean,
                    TensorView variance);
void normalization_factors(cudaStream_t stream, const Normalization& normalization,
                           TensorView factor, TensorView offset);
void normalization_backward(const Workplace& place, const Normalization& normalization,
                            ConstTensorView x, ConstTensorView dy,
                            const Backend::NormalizationGradient& gradient);

/// total = sum of x^2 over all values of all arrays; total is on the device.
void sum_of_squares(const Workplace& place, std::span<const ConstTensorView> arrays, double* total);

}  // namespace harpy::cuda

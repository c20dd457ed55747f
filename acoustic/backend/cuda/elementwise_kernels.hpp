#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "acoustic/backend/backend.hpp"

/// The value-by-value operations of Backend, as steps of a stream. Cost: one pass over the
/// operands. Errors: DeviceError.
namespace harpy::cuda {

void fill(cudaStream_t stream, float value, TensorView y);
void scale(cudaStream_t stream, float factor, TensorView y);
void add_scaled(cudaStream_t stream, float factor, ConstTensorView x, TensorView y);
void activate(cudaStream_t stream, ActivationKind kind, ConstTensorView x, TensorView y);
void activate_backward(cudaStream_t stream, ActivationKind kind, ConstTensorView y,
                       ConstTensorView dy, TensorView dx);
/// Keeps the values that the CPU's dropout keeps.
void dropout(cudaStream_t stream, const DropoutMask& mask, ConstTensorView x, TensorView y);

/// The arrays of an update by Adam, of one size.
struct AdamOperands {
  ConstTensorView gradient;
  TensorView parameter, first_moment, second_moment;
};
void adam_update(cudaStream_t stream, const AdamStep& step, const AdamOperands& operands);

}  // namespace harpy::cuda

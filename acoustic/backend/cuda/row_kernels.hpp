#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/bypassed_scaling.hpp"

/// The operations of Backend on rows of matrices that know nothing of other rows, and
/// transposition, as steps of a stream. The order of every sum follows from the shape alone.
/// Errors: DeviceError.
namespace harpy::cuda {

void add_bias(cudaStream_t stream, ConstTensorView bias, TensorView x);
void scale_and_shift(cudaStream_t stream, ConstTensorView x, ConstTensorView factor,
                     ConstTensorView offset, TensorView y);
/// y[r, d] = y[r, d] * factor[d] + offset[d] + bypass_scale * bypass[r, d].
void scale_shift_and_add(cudaStream_t stream, const BypassedScaling& scaling,
                         ConstTensorView bypass, TensorView y);
/// y = x transposed, or added to y. Shapes: x [M, N], y [N, M].
void transpose(cudaStream_t stream, ConstTensorView x, TensorView y, Accumulate accumulate);
void log_softmax(cudaStream_t stream, ConstTensorView x, TensorView y);
void log_softmax_backward(cudaStream_t stream, ConstTensorView y, ConstTensorView dy,
                          TensorView dx);

void rms_normalize(cudaStream_t stream, float target_rms, ConstTensorView x, TensorView y);
void rms_normalize_backward(cudaStream_t stream, float target_rms, ConstTensorView x,
                            ConstTensorView dy, TensorView dx);
void select_columns(cudaStream_t stream, ConstTensorView x, const std::int32_t* columns,
                    TensorView y);

/// total = - sum of y[r, classes[r]], dy its gradient. Everything is on the device.
void negative_log_likelihood(cudaStream_t stream, ConstTensorView y, const std::int32_t* classes,
                             TensorView dy, double* total);

}  // namespace harpy::cuda

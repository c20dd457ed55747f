#pragma once

#include <cuda_runtime_api.h>

#include "acoustic/backend/backend.hpp"

/// Reading frames and bins through windows, as steps of a stream: the operations of Backend, and
/// unfolding over time and frequency. Every output gathers what it needs in a fixed order, no two
/// threads write one value. Errors: DeviceError.
namespace harpy::cuda {

void unfold(cudaStream_t stream, ConstTensorView x, const TimeWindow& window, TensorView y);
void fold(cudaStream_t stream, ConstTensorView dy, const TimeWindow& window, TensorView dx);

/// y[b, t, f, (k * kernel_bins + j) * C + c] = x[b, t * stride + k * dilation - left,
/// f * stride_bins + j - padding_bins, c], zero outside: the input of a convolution over time and
/// frequency as the rows of one matrix product.
/// Shapes: x [B, T, bins * C], y [B, T_out, output_bins, kernel * kernel_bins * C].
void unfold_plane(cudaStream_t stream, ConstTensorView x, const PlaneWindow& window, TensorView y);
/// The adjoint of unfold_plane: dx receives the sum of all dy that read it. Overwrites dx.
void fold_plane(cudaStream_t stream, ConstTensorView dy, const PlaneWindow& window, TensorView dx);

void pool(cudaStream_t stream, Pooling pooling, const PlaneWindow& window, ConstTensorView x,
          TensorView y);
void pool_backward(cudaStream_t stream, Pooling pooling, const PlaneWindow& window,
                   const Backend::PoolOperands& operands, TensorView dx);

}  // namespace harpy::cuda

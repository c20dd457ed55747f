#pragma once

#include <cuda_runtime_api.h>

#include "acoustic/backend/backend.hpp"

/// Backend's operations on blocks of streams, as steps of a stream of the device.
/// Errors: DeviceError.
namespace harpy::cuda {

void push_frames(cudaStream_t stream, const FrameQueue& queue, const StreamSlot* slots,
                 float outside, ConstTensorView x, TensorView joined);
void average_inside(cudaStream_t stream, const BlockTime& time, const TimeWindow& window,
                    const StreamSlot* slots, TensorView y);

/// `slots` may be null: each row of x is a whole sequence.
void subtract_running_mean(cudaStream_t stream, const RunningMean& mean, const FrameQueue& queue,
                           const StreamSlot* slots, ConstTensorView x, TensorView y);
void subtract_running_mean_backward(cudaStream_t stream, const RunningMean& mean,
                                    ConstTensorView dy, TensorView dx);

}  // namespace harpy::cuda

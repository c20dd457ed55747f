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

}  // namespace harpy::cuda

#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

namespace harpy::cpu {

/// Backend's operations on blocks of streams, for the streams begin .. end - 1 of a batch.
void push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside, ConstTensorView x,
                 TensorView joined, std::int64_t begin, std::int64_t end);
void average_inside(const BlockTime& time, const TimeWindow& window, const StreamSlot* slots,
                    TensorView y, std::int64_t begin, std::int64_t end);

/// `sums` has room for x.dim() values; `slots` may be null, as in Backend.
void subtract_running_mean(const RunningMean& mean, const FrameQueue& queue,
                           const StreamSlot* slots, ConstTensorView x, TensorView y, float* sums,
                           std::int64_t begin, std::int64_t end);
void subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy, TensorView dx,
                                    float* sums, std::int64_t begin, std::int64_t end);

}  // namespace harpy::cpu

#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

namespace harpy::cpu {

/// Backend's operations on blocks of streams, for the streams begin .. end - 1 of a batch.
void push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside, ConstTensorView x,
                 TensorView joined, std::int64_t begin, std::int64_t end);
void average_inside(const BlockTime& time, const TimeWindow& window, const StreamSlot* slots,
                    TensorView y, std::int64_t begin, std::int64_t end);

}  // namespace harpy::cpu

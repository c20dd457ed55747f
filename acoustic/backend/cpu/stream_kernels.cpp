#include "acoustic/backend/cpu/stream_kernels.hpp"

#include <algorithm>

namespace harpy::cpu {

void push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside, ConstTensorView x,
                 TensorView joined, std::int64_t begin, std::int64_t end) {
  const std::int64_t dim = x.dim();
  const std::int64_t kept = queue.frame_count;
  const std::int64_t block = x.shape[1];
  const std::int64_t skipped = kept + block - joined.shape[1];
  for (std::int64_t b = begin; b < end; ++b) {
    const StreamSlot& slot = slots[b];
    float* const frames = slot.state == nullptr ? nullptr : slot.state + queue.offset;
    const float* const arrived = x.data + b * block * dim;
    /// Copies frame i of the queue and the block behind it.
    const auto copy_frame = [&](std::int64_t i, float* target) {
      const float* const source = i < kept ? frames + i * dim : arrived + (i - kept) * dim;
      if (queue.time.has_frame(slot, i - kept)) {
        std::copy_n(source, dim, target);
      } else {
        std::fill_n(target, dim, outside);
      }
    };
    float* const output = joined.data + b * joined.shape[1] * dim;
    for (std::int64_t i = skipped; i < kept + block; ++i) {
      copy_frame(i, output + (i - skipped) * dim);
    }
    if (slot.state == nullptr) continue;
    for (std::int64_t i = 0; i < kept; ++i) copy_frame(i + block, frames + i * dim);
  }
}

void average_inside(const BlockTime& time, const TimeWindow& window, const StreamSlot* slots,
                    TensorView y, std::int64_t begin, std::int64_t end) {
  const std::int64_t dim = y.dim();
  for (std::int64_t b = begin; b < end; ++b) {
    for (std::int64_t t = 0; t < y.shape[1]; ++t) {
      std::int64_t count = 0;
      for (std::int64_t k = 0; k < window.kernel; ++k) {
        const std::int64_t frame = t * window.stride + k * window.dilation - window.left;
        count += time.has_frame(slots[b], frame) ? 1 : 0;
      }
      if (count == 0 || count == window.kernel) continue;
      const float factor = static_cast<float>(window.kernel) / static_cast<float>(count);
      float* const frame = y.data + (b * y.shape[1] + t) * dim;
      std::transform(frame, frame + dim, frame, [factor](float value) { return value * factor; });
    }
  }
}

void subtract_running_mean(const RunningMean& mean, const FrameQueue& queue,
                           const StreamSlot* slots, ConstTensorView x, TensorView y, float* sums,
                           std::int64_t begin, std::int64_t end) {
  const std::int64_t dim = x.dim();
  const std::int64_t frames = x.shape[1];
  for (std::int64_t b = begin; b < end; ++b) {
    float* const state =
        slots == nullptr || slots[b].state == nullptr ? nullptr : slots[b].state + queue.offset;
    const bool goes_on = state != nullptr && queue.time.has_frame(slots[b], -1);
    float count = 0.0F;
    if (goes_on) {
      std::copy_n(state, dim, sums);
      count = state[dim];
    } else {
      std::fill_n(sums, dim, 0.0F);
    }
    for (std::int64_t t = 0; t < frames; ++t) {
      const float* const input = x.data + (b * frames + t) * dim;
      float* const output = y.data + (b * frames + t) * dim;
      if (slots != nullptr && !queue.time.has_frame(slots[b], t)) {
        std::fill_n(output, dim, 0.0F);
        continue;
      }
      count = mean.decay * count + 1.0F;
      const float weight = 1.0F / (mean.prior_frames + count);
      for (std::int64_t d = 0; d < dim; ++d) {
        sums[d] = mean.decay * sums[d] + input[d];
        output[d] = input[d] - sums[d] * weight;
      }
    }
    if (state == nullptr) continue;
    std::copy_n(sums, dim, state);
    std::fill_n(state + dim, dim, count);
  }
}

void subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy, TensorView dx,
                                    float* sums, std::int64_t begin, std::int64_t end) {
  const std::int64_t dim = dy.dim();
  const std::int64_t frames = dy.shape[1];
  for (std::int64_t b = begin; b < end; ++b) {
    float count = 0.0F;
    for (std::int64_t t = 0; t < frames; ++t) {  // dx keeps the weights until it is overwritten
      count = mean.decay * count + 1.0F;
      dx.data[(b * frames + t) * dim] = 1.0F / (mean.prior_frames + count);
    }
    std::fill_n(sums, dim, 0.0F);
    for (std::int64_t t = frames - 1; t >= 0; --t) {
      const float* const input = dy.data + (b * frames + t) * dim;
      float* const output = dx.data + (b * frames + t) * dim;
      const float weight = output[0];
      for (std::int64_t d = 0; d < dim; ++d) {
        sums[d] = mean.decay * sums[d] + input[d] * weight;
        output[d] = input[d] - sums[d];
      }
    }
  }
}

}  // namespace harpy::cpu

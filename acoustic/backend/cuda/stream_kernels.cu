#include "acoustic/backend/cuda/launch.cuh"
#include "acoustic/backend/cuda/stream_kernels.hpp"

namespace harpy::cuda {
namespace {

/// Rows are streams. A thread owns a column of a stream: it reads the queue before it moves it up.
struct PushFrames {
  FrameQueue queue;
  const StreamSlot* slots;
  float outside;
  const float* x;
  float* joined;
  std::int64_t joined_frames, dim;

  __device__ void operator()(std::uint32_t b, std::uint32_t d) const {
    const StreamSlot slot = slots[b];
    const std::int64_t kept = queue.frame_count;
    const std::int64_t block = queue.time.block_frames;
    float* const frames = slot.state + queue.offset + d;
    const float* const arrived = x + b * block * dim + d;
    float* const output = joined + b * joined_frames * dim + d;
    const auto frame = [&](std::int64_t i) {
      if (!queue.time.has_frame(slot, i - kept)) return outside;
      return i < kept ? frames[i * dim] : arrived[(i - kept) * dim];
    };
    const std::int64_t skipped = kept + block - joined_frames;
    for (std::int64_t i = 0; i < joined_frames; ++i) output[i * dim] = frame(skipped + i);
    if (slot.state == nullptr) return;
    for (std::int64_t i = 0; i < kept; ++i) frames[i * dim] = frame(i + block);
  }
};

/// Rows are frames of all streams.
struct AverageInside {
  BlockTime time;
  TimeWindow window;
  const StreamSlot* slots;
  float* y;
  std::int64_t frames, dim;

  __device__ void operator()(std::uint32_t row, std::uint32_t d) const {
    const StreamSlot slot = slots[row / frames];
    const std::int64_t t = row % frames;
    std::int64_t count = 0;
    for (std::int64_t k = 0; k < window.kernel; ++k) {
      const std::int64_t frame = t * window.stride + k * window.dilation - window.left;
      count += time.has_frame(slot, frame) ? 1 : 0;
    }
    if (count == 0 || count == window.kernel) return;
    y[row * dim + d] *= static_cast<float>(window.kernel) / static_cast<float>(count);
  }
};

/// Rows are sequences or streams. A thread owns a column of one.
struct SubtractRunningMean {
  RunningMean mean;
  FrameQueue queue;
  const StreamSlot* slots;
  const float* x;
  float* y;
  std::int64_t frames, dim;

  __device__ void operator()(std::uint32_t b, std::uint32_t d) const {
    const StreamSlot slot = slots == nullptr ? StreamSlot{} : slots[b];
    float* const state = slot.state == nullptr ? nullptr : slot.state + queue.offset + d;
    const bool goes_on = state != nullptr && queue.time.has_frame(slot, -1);
    float sum = goes_on ? state[0] : 0.0F;
    float count = goes_on ? state[dim] : 0.0F;
    for (std::int64_t t = 0; t < frames; ++t) {
      const std::int64_t i = (b * frames + t) * dim + d;
      if (slots != nullptr && !queue.time.has_frame(slot, t)) {
        y[i] = 0.0F;
        continue;
      }
      sum = mean.decay * sum + x[i];
      count = mean.decay * count + 1.0F;
      y[i] = x[i] - sum / (mean.prior_frames + count);
    }
    if (state == nullptr) return;
    state[0] = sum;
    state[dim] = count;
  }
};

/// Rows are sequences. A thread owns a column of one; dx keeps the weights until it is overwritten.
struct SubtractRunningMeanBackward {
  RunningMean mean;
  const float* dy;
  float* dx;
  std::int64_t frames, dim;

  __device__ void operator()(std::uint32_t b, std::uint32_t d) const {
    const std::int64_t first = b * frames * dim + d;
    float count = 0.0F;
    for (std::int64_t t = 0; t < frames; ++t) {
      count = mean.decay * count + 1.0F;
      dx[first + t * dim] = 1.0F / (mean.prior_frames + count);
    }
    float sum = 0.0F;
    for (std::int64_t t = frames - 1; t >= 0; --t) {
      const std::int64_t i = first + t * dim;
      sum = mean.decay * sum + dy[i] * dx[i];
      dx[i] = dy[i] - sum;
    }
  }
};

}  // namespace

void push_frames(cudaStream_t stream, const FrameQueue& queue, const StreamSlot* slots,
                 float outside, ConstTensorView x, TensorView joined) {
  for_each_cell(stream, x.shape[0], x.dim(),
                PushFrames{queue, slots, outside, x.data, joined.data, joined.shape[1], x.dim()});
}

void average_inside(cudaStream_t stream, const BlockTime& time, const TimeWindow& window,
                    const StreamSlot* slots, TensorView y) {
  for_each_cell(stream, y.rows(), y.dim(),
                AverageInside{time, window, slots, y.data, y.shape[1], y.dim()});
}

void subtract_running_mean(cudaStream_t stream, const RunningMean& mean, const FrameQueue& queue,
                           const StreamSlot* slots, ConstTensorView x, TensorView y) {
  for_each_cell(stream, x.shape[0], x.dim(),
                SubtractRunningMean{mean, queue, slots, x.data, y.data, x.shape[1], x.dim()});
}

void subtract_running_mean_backward(cudaStream_t stream, const RunningMean& mean,
                                    ConstTensorView dy, TensorView dx) {
  for_each_cell(stream, dy.shape[0], dy.dim(),
                SubtractRunningMeanBackward{mean, dy.data, dx.data, dy.shape[1], dy.dim()});
}

}  // namespace harpy::cuda

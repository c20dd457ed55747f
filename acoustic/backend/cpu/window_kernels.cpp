#include "acoustic/backend/cpu/window_kernels.hpp"

#include <algorithm>
#include <cstring>

#include "acoustic/backend/cpu/elementwise_kernels.hpp"

namespace harpy::cpu {
namespace {

/// Taps, frames or bins, of one axis that lie inside the input.
struct Taps {
  std::int64_t begin = 0, end = 0;

  std::int64_t count() const { return end - begin; }
};

/// Taps k of `kernel` whose place first + k * dilation is in [0, extent).
Taps taps_inside(std::int64_t first, std::int64_t kernel, std::int64_t dilation,
                 std::int64_t extent) {
  const auto divided_up = [dilation](std::int64_t a) { return (a + dilation - 1) / dilation; };
  const std::int64_t begin = first < 0 ? divided_up(-first) : 0;
  const std::int64_t end = first < extent ? divided_up(extent - first) : 0;
  return {std::min(begin, kernel), std::min(end, kernel)};
}

/// Says which inputs each output of a pooling sees.
class PoolPlane {
 public:
  PoolPlane(const PlaneWindow& window, ConstTensorView x)
      : window_(window), frames_(x.shape[1]), channels_(x.dim() / window.bins) {}

  std::int64_t channels() const { return channels_; }

  /// For each bin of an output frame: begin_output(its offset in the frame, inputs seen), then
  /// input(offset in the input sequence) for each of these.
  template <typename BeginOutput, typename Input>
  void visit(std::int64_t output_frame, const BeginOutput& begin_output, const Input& input) const {
    const std::int64_t first_frame = output_frame * window_.time.stride - window_.time.left;
    const Taps frames =
        taps_inside(first_frame, window_.time.kernel, window_.time.dilation, frames_);
    for (std::int64_t f = 0; f < window_.output_bins(); ++f) {
      const std::int64_t first_bin = f * window_.stride_bins - window_.padding_bins;
      const Taps bins = taps_inside(first_bin, window_.kernel_bins, 1, window_.bins);
      begin_output(f * channels_, frames.count() * bins.count());
      for (std::int64_t k = frames.begin; k < frames.end; ++k) {
        const std::int64_t frame = first_frame + k * window_.time.dilation;
        for (std::int64_t j = bins.begin; j < bins.end; ++j) {
          input((frame * window_.bins + first_bin + j) * channels_);
        }
      }
    }
  }

 private:
  const PlaneWindow& window_;
  std::int64_t frames_, channels_;
};

}  // namespace

void unfold(ConstTensorView x, const TimeWindow& window, TensorView y, std::int64_t begin,
            std::int64_t end) {
  const std::int64_t dim = x.dim(), in_frames = x.shape[1], out_frames = y.shape[1];
  const std::size_t frame_bytes = static_cast<std::size_t>(dim) * sizeof(float);
  for (std::int64_t row = begin; row < end; ++row) {
    const float* sequence = x.data + row / out_frames * in_frames * dim;
    const std::int64_t first = row % out_frames * window.stride - window.left;
    for (std::int64_t k = 0; k < window.kernel; ++k) {
      const std::int64_t frame = first + k * window.dilation;
      float* target = y.data + (row * window.kernel + k) * dim;
      if (frame >= 0 && frame < in_frames) {
        std::memcpy(target, sequence + frame * dim, frame_bytes);
      } else {
        std::memset(target, 0, frame_bytes);
      }
    }
  }
}

void fold(ConstTensorView dy, const TimeWindow& window, TensorView dx, std::int64_t begin,
          std::int64_t end) {
  const std::int64_t dim = dx.dim(), in_frames = dx.shape[1], out_frames = dy.shape[1];
  for (std::int64_t row = begin; row < end; ++row) {
    const float* sequence = dy.data + row / in_frames * out_frames * window.kernel * dim;
    float* target = dx.data + row * dim;
    fill(0.0F, target, dim);
    for (std::int64_t k = 0; k < window.kernel; ++k) {
      const std::int64_t offset = row % in_frames + window.left - k * window.dilation;
      if (offset < 0 || offset % window.stride != 0) continue;
      const std::int64_t frame = offset / window.stride;
      if (frame >= out_frames) continue;
      add_scaled(1.0F, sequence + (frame * window.kernel + k) * dim, target, dim);
    }
  }
}

void pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x, TensorView y,
          std::int64_t begin, std::int64_t end) {
  const PoolPlane plane(window, x);
  const std::int64_t channels = plane.channels(), out_frames = y.shape[1];
  for (std::int64_t row = begin; row < end; ++row) {
    const float* sequence = x.data + row / out_frames * x.shape[1] * x.dim();
    float* frame = y.data + row * y.dim();
    float* output = nullptr;
    float share = 1.0F;
    bool first = true;
    const auto begin_output = [&](std::int64_t offset, std::int64_t seen) {
      output = frame + offset;
      first = true;
      share = 1.0F / static_cast<float>(seen);
      if (pooling == Pooling::kAverage) fill(0.0F, output, channels);
    };
    plane.visit(row % out_frames, begin_output, [&](std::int64_t offset) {
      const float* input = sequence + offset;
      if (pooling == Pooling::kAverage) {
        add_scaled(share, input, output, channels);
      } else if (first) {
        std::copy_n(input, channels, output);
        first = false;
      } else {
        take_larger(input, output, channels);
      }
    });
  }
}

void pool_backward(Pooling pooling, const PlaneWindow& window,
                   const Backend::PoolOperands& operands, TensorView dx, float* scratch,
                   std::int64_t begin, std::int64_t end) {
  const PoolPlane plane(window, operands.x);
  const std::int64_t channels = plane.channels();
  const std::int64_t in_values = dx.shape[1] * dx.dim();
  const std::int64_t out_frames = operands.y.shape[1], out_dim = operands.y.dim();
  fill(0.0F, dx.data + begin * in_values, (end - begin) * in_values);
  for (std::int64_t row = begin * out_frames; row < end * out_frames; ++row) {
    const std::int64_t sequence = row / out_frames * in_values;
    std::int64_t output = 0;
    float share = 1.0F;
    const auto begin_output = [&](std::int64_t offset, std::int64_t seen) {
      output = row * out_dim + offset;
      share = 1.0F / static_cast<float>(seen);
      if (pooling == Pooling::kMax) std::copy_n(operands.dy.data + output, channels, scratch);
    };
    plane.visit(row % out_frames, begin_output, [&](std::int64_t offset) {
      float* target = dx.data + sequence + offset;
      if (pooling == Pooling::kAverage) {
        add_scaled(share, operands.dy.data + output, target, channels);
      } else {
        pass_to_equal(operands.x.data + sequence + offset, operands.y.data + output, scratch,
                      target, channels);
      }
    });
  }
}

}  // namespace harpy::cpu

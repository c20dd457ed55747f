#include "acoustic/backend/cuda/launch.cuh"
#include "acoustic/backend/cuda/window_kernels.hpp"

namespace harpy::cuda {
namespace {

/// One axis of a window: output o reads the inputs o * stride + k * dilation - before.
struct Axis {
  std::int32_t kernel, dilation, stride, before;
  std::int32_t inputs, outputs;

  __device__ std::int32_t place(std::int32_t output, std::int32_t tap) const {
    return output * stride + tap * dilation - before;
  }
  __device__ bool inside(std::int32_t input) const { return input >= 0 && input < inputs; }

  /// The output that reads an input by a tap, or -1.
  __device__ std::int32_t reader(std::int32_t input, std::int32_t tap) const {
    const std::int32_t offset = input + before - tap * dilation;
    if (offset < 0 || offset % stride != 0) return -1;
    const std::int32_t output = offset / stride;
    return output < outputs ? output : -1;
  }
};

std::int32_t narrowed(std::int64_t value) {
  if (value < std::numeric_limits<std::int32_t>::min() / 4 ||
      value > std::numeric_limits<std::int32_t>::max() / 4) {
    throw error_at(DeviceErrorKind::kOther, "a window is too large");
  }
  return static_cast<std::int32_t>(value);
}

Axis time_axis(const TimeWindow& window, std::int64_t inputs, std::int64_t outputs) {
  narrowed(outputs * window.stride + window.kernel * window.dilation);  // no place overflows
  return {narrowed(window.kernel), narrowed(window.dilation), narrowed(window.stride),
          narrowed(window.left),   narrowed(inputs),          narrowed(outputs)};
}

Axis bin_axis(const PlaneWindow& window) {
  narrowed(window.output_bins() * window.stride_bins + window.kernel_bins);
  return {narrowed(window.kernel_bins), 1,
          narrowed(window.stride_bins), narrowed(window.padding_bins),
          narrowed(window.bins),        narrowed(window.output_bins())};
}

/// Rows of y are (b, t, tap), columns the values of a frame.
struct Unfold {
  Axis time;
  const float* x;
  float* y;
  std::int64_t dim;
  __device__ void operator()(std::uint32_t row, std::uint32_t d) const {
    const std::uint32_t kernel = time.kernel, outputs = time.outputs;
    const std::uint32_t tap = row % kernel, frame = row / kernel;
    const std::int32_t input = time.place(frame % outputs, tap);
    const std::int64_t sequence = frame / outputs;
    y[row * dim + d] = time.inside(input) ? x[(sequence * time.inputs + input) * dim + d] : 0.0F;
  }
};

/// Rows of dx are (b, input frame).
struct Fold {
  Axis time;
  const float* dy;
  float* dx;
  std::int64_t dim;
  __device__ void operator()(std::uint32_t row, std::uint32_t d) const {
    const std::uint32_t inputs = time.inputs;
    const std::int64_t sequence = row / inputs;
    float sum = 0.0F;
    for (std::int32_t tap = 0; tap < time.kernel; ++tap) {
      const std::int32_t output = time.reader(row % inputs, tap);
      if (output < 0) continue;
      sum += dy[((sequence * time.outputs + output) * time.kernel + tap) * dim + d];
    }
    dx[row * dim + d] = sum;
  }
};

/// Both axes of a window over [sequence, frame, bin, channel].
struct Plane {
  Axis time, bins;
  std::int32_t channels;

  /// Offset of the first channel of an input bin.
  __device__ std::int64_t input(std::int64_t sequence, std::int32_t frame, std::int32_t bin) const {
    return ((sequence * time.inputs + frame) * bins.inputs + bin) * channels;
  }
  __device__ std::int64_t output(std::int64_t sequence, std::int32_t frame,
                                 std::int32_t bin) const {
    return ((sequence * time.outputs + frame) * bins.outputs + bin) * channels;
  }
};

Plane make_plane(const PlaneWindow& window, const Shape& x, std::int64_t output_frames) {
  return {time_axis(window.time, x[1], output_frames), bin_axis(window),
          narrowed(x.dim() / window.bins)};
}

/// A bin of a frame of a sequence.
struct PlaneRow {
  std::int64_t sequence;
  std::int32_t frame, bin;

  __device__ PlaneRow(std::uint32_t row, std::uint32_t frames, std::uint32_t bins)
      : sequence(row / bins / frames), frame(row / bins % frames), bin(row % bins) {}
};

/// Rows of y are (b, t, f), columns (tap over frames, tap over bins, channel).
struct UnfoldPlane {
  Plane plane;
  const float* x;
  float* y;
  std::int64_t dim;  ///< columns
  __device__ void operator()(std::uint32_t row, std::uint32_t column) const {
    const PlaneRow at(row, plane.time.outputs, plane.bins.outputs);
    const std::uint32_t channels = plane.channels, kernel_bins = plane.bins.kernel;
    const std::uint32_t tap = column / channels;
    const std::int32_t frame = plane.time.place(at.frame, tap / kernel_bins);
    const std::int32_t bin = plane.bins.place(at.bin, tap % kernel_bins);
    y[row * dim + column] = plane.time.inside(frame) && plane.bins.inside(bin)
                                ? x[plane.input(at.sequence, frame, bin) + column % channels]
                                : 0.0F;
  }
};

/// Rows of dx are (b, input frame, input bin), columns channels.
struct FoldPlane {
  Plane plane;
  const float* dy;
  float* dx;
  std::int64_t dim;  ///< columns of dy
  __device__ void operator()(std::uint32_t row, std::uint32_t channel) const {
    const PlaneRow at(row, plane.time.inputs, plane.bins.inputs);
    float sum = 0.0F;
    for (std::int32_t k = 0; k < plane.time.kernel; ++k) {
      const std::int32_t frame = plane.time.reader(at.frame, k);
      if (frame < 0) continue;
      for (std::int32_t j = 0; j < plane.bins.kernel; ++j) {
        const std::int32_t bin = plane.bins.reader(at.bin, j);
        if (bin < 0) continue;
        const std::int64_t output =
            (at.sequence * plane.time.outputs + frame) * plane.bins.outputs + bin;
        sum += dy[output * dim + (k * plane.bins.kernel + j) * plane.channels + channel];
      }
    }
    dx[std::int64_t{row} * plane.channels + channel] = sum;
  }
};

/// Rows of y are (b, t, f), columns channels.
struct Pool {
  Plane plane;
  bool is_max;
  const float* x;
  float* y;
  __device__ void operator()(std::uint32_t row, std::uint32_t channel) const {
    const PlaneRow at(row, plane.time.outputs, plane.bins.outputs);
    float largest = 0.0F, sum = 0.0F;
    std::int32_t seen = 0;
    for (std::int32_t k = 0; k < plane.time.kernel; ++k) {
      const std::int32_t frame = plane.time.place(at.frame, k);
      if (!plane.time.inside(frame)) continue;
      for (std::int32_t j = 0; j < plane.bins.kernel; ++j) {
        const std::int32_t bin = plane.bins.place(at.bin, j);
        if (!plane.bins.inside(bin)) continue;
        const float value = x[plane.input(at.sequence, frame, bin) + channel];
        largest = seen == 0 || value > largest ? value : largest;
        sum += value;
        ++seen;
      }
    }
    y[std::int64_t{row} * plane.channels + channel] =
        is_max ? largest : sum / static_cast<float>(seen);
  }
};

/// Rows of dx are (b, input frame, input bin), columns channels: each input asks the outputs that
/// see it for its part.
struct PoolBackward {
  Plane plane;
  bool is_max;
  const float *x, *y, *dy;
  float* dx;

  __device__ void operator()(std::uint32_t row, std::uint32_t channel) const {
    const PlaneRow at(row, plane.time.inputs, plane.bins.inputs);
    float sum = 0.0F;
    // The taps downwards visit the outputs upwards.
    for (std::int32_t k = plane.time.kernel - 1; k >= 0; --k) {
      const std::int32_t frame = plane.time.reader(at.frame, k);
      if (frame < 0) continue;
      for (std::int32_t j = plane.bins.kernel - 1; j >= 0; --j) {
        const std::int32_t bin = plane.bins.reader(at.bin, j);
        if (bin < 0) continue;
        const std::int64_t output = plane.output(at.sequence, frame, bin) + channel;
        if (is_max) {
          if (is_first_largest(at.sequence, {frame, k}, {bin, j}, channel)) sum += dy[output];
        } else {
          sum += dy[output] / static_cast<float>(seen(plane.time, frame) * seen(plane.bins, bin));
        }
      }
    }
    dx[std::int64_t{row} * plane.channels + channel] = sum;
  }

 private:
  /// An output's place on an axis and the tap by which it reads the input in question.
  struct Reading {
    std::int32_t output, tap;
  };

  /// How many inputs an output sees on an axis.
  __device__ static std::int32_t seen(const Axis& axis, std::int32_t output) {
    std::int32_t count = 0;
    for (std::int32_t tap = 0; tap < axis.kernel; ++tap) {
      if (axis.inside(axis.place(output, tap))) ++count;
    }
    return count;
  }

  /// Whether the input is the output's largest value and none of the taps before it is.
  __device__ bool is_first_largest(std::int64_t sequence, Reading time, Reading bins,
                                   std::uint32_t channel) const {
    const float largest = y[plane.output(sequence, time.output, bins.output) + channel];
    for (std::int32_t k = 0; k <= time.tap; ++k) {
      const std::int32_t frame = plane.time.place(time.output, k);
      if (!plane.time.inside(frame)) continue;
      const std::int32_t end = k == time.tap ? bins.tap + 1 : plane.bins.kernel;
      for (std::int32_t j = 0; j < end; ++j) {
        const std::int32_t bin = plane.bins.place(bins.output, j);
        if (!plane.bins.inside(bin)) continue;
        if (x[plane.input(sequence, frame, bin) + channel] == largest) {
          return k == time.tap && j == bins.tap;
        }
      }
    }
    return false;
  }
};

}  // namespace

void unfold(cudaStream_t stream, ConstTensorView x, const TimeWindow& window, TensorView y) {
  const Axis time = time_axis(window, x.shape[1], y.shape[1]);
  for_each_cell(stream, y.rows() * window.kernel, x.dim(), Unfold{time, x.data, y.data, x.dim()});
}

void fold(cudaStream_t stream, ConstTensorView dy, const TimeWindow& window, TensorView dx) {
  const Axis time = time_axis(window, dx.shape[1], dy.shape[1]);
  for_each_cell(stream, dx.rows(), dx.dim(), Fold{time, dy.data, dx.data, dx.dim()});
}

void unfold_plane(cudaStream_t stream, ConstTensorView x, const PlaneWindow& window, TensorView y) {
  const Plane plane = make_plane(window, x.shape, y.shape[1]);
  for_each_cell(stream, y.rows(), y.dim(), UnfoldPlane{plane, x.data, y.data, y.dim()});
}

void fold_plane(cudaStream_t stream, ConstTensorView dy, const PlaneWindow& window, TensorView dx) {
  const Plane plane = make_plane(window, dx.shape, dy.shape[1]);
  for_each_cell(stream, dx.rows() * window.bins, plane.channels,
                FoldPlane{plane, dy.data, dx.data, dy.dim()});
}

void pool(cudaStream_t stream, Pooling pooling, const PlaneWindow& window, ConstTensorView x,
          TensorView y) {
  const Plane plane = make_plane(window, x.shape, y.shape[1]);
  for_each_cell(stream, y.rows() * window.output_bins(), plane.channels,
                Pool{plane, pooling == Pooling::kMax, x.data, y.data});
}

void pool_backward(cudaStream_t stream, Pooling pooling, const PlaneWindow& window,
                   const Backend::PoolOperands& operands, TensorView dx) {
  const Plane plane = make_plane(window, dx.shape, operands.y.shape[1]);
  for_each_cell(stream, dx.rows() * window.bins, plane.channels,
                PoolBackward{plane, pooling == Pooling::kMax, operands.x.data, operands.y.data,
                             operands.dy.data, dx.data});
}

}  // namespace harpy::cuda

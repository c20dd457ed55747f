#include "acoustic/backend/cuda/convolution.hpp"

#include <algorithm>
#include <limits>

#include "acoustic/backend/cuda/check.hpp"
#include "acoustic/backend/cuda/row_kernels.hpp"
#include "acoustic/backend/cuda/window_kernels.hpp"

namespace harpy::cuda {
namespace {

/// Values unfolded at a time.
constexpr std::int64_t kMostUnfoldedValues = std::int64_t{1} << 27;

int narrowed(std::int64_t extent) {
  if (extent > std::numeric_limits<int>::max()) {
    throw error_at(ErrorKind::kOther, "a convolution is too large");
  }
  return static_cast<int>(extent);
}

/// Frames from the first to the last tap.
std::int64_t span_of(const TimeWindow& window) { return (window.kernel - 1) * window.dilation + 1; }

/// What cuDNN is told of a convolution whose input has `frames` frames, of which it is to add
/// `padding_frames` itself.
ConvolutionExtents extents_of(const PlaneWindow& window, const Shape& x, const Shape& y,
                              std::int64_t frames, std::int64_t padding_frames) {
  return {.sequences = narrowed(x[0]),
          .channels = narrowed(x.dim() / window.bins),
          .frames = narrowed(frames),
          .bins = narrowed(window.bins),
          .output_channels = narrowed(y.dim() / window.output_bins()),
          .output_frames = narrowed(y[1]),
          .output_bins = narrowed(window.output_bins()),
          .kernel_frames = narrowed(window.time.kernel),
          .kernel_bins = narrowed(window.kernel_bins),
          .stride_frames = narrowed(window.time.stride),
          .stride_bins = narrowed(window.stride_bins),
          .dilation_frames = narrowed(window.time.dilation),
          .padding_frames = narrowed(padding_frames),
          .padding_bins = narrowed(window.padding_bins)};
}

/// Whether all outputs, and no more, come from padding both sides by `left`, as cuDNN does.
bool fits_equal_padding(const TimeWindow& window, std::int64_t frames, std::int64_t outputs) {
  const std::int64_t room = frames + 2 * window.left - span_of(window);
  return room >= 0 && room / window.stride + 1 == outputs;
}

/// A convolution as cuDNN sees it.
struct DnnShape {
  bool pad;             ///< whether frames that are missing are added beforehand
  std::int64_t frames;  ///< of the input, these included
  ConvolutionExtents extents;

  DnnShape(const PlaneWindow& window, const Shape& x, const Shape& y)
      : pad(!fits_equal_padding(window.time, x[1], y[1])),
        frames(pad ? (y[1] - 1) * window.time.stride + span_of(window.time) : x[1]),
        extents(extents_of(window, x, y, frames, pad ? 0 : window.time.left)) {}
};

/// The window that copies frames behind `left` empty ones.
TimeWindow shift_by(std::int64_t left) { return {.left = left}; }

/// A convolution over a few sequences at a time, unfolded.
struct UnfoldedShape {
  std::int64_t sequences;  ///< at a time
  std::int64_t output_frames, output_bins;
  std::int64_t taps;  ///< values that an output bin sees

  UnfoldedShape(const PlaneWindow& window, const Shape& x, const Shape& y)
      : output_frames(y[1]),
        output_bins(window.output_bins()),
        taps(window.time.kernel * window.kernel_bins * (x.dim() / window.bins)) {
    const std::int64_t values = output_frames * output_bins * taps;
    sequences = std::clamp<std::int64_t>(kMostUnfoldedValues / values, 1, x[0]);
  }
  Shape unfolded(std::int64_t count) const { return {count, output_frames, output_bins, taps}; }
};

template <typename T>
BasicTensorView<T> sequences_of(BasicTensorView<T> x, std::int64_t begin, std::int64_t count) {
  return {x.data + begin * x.shape[1] * x.shape[2], Shape{count, x.shape[1], x.shape[2]}};
}

}  // namespace

Convolutions::Convolutions(std::shared_ptr<DeviceMemory> memory, cudaStream_t stream,
                           Products& products, bool tensor_float_32)
    : memory_(std::move(memory)),
      stream_(stream),
      products_(products),
      tensor_float_32_(tensor_float_32) {}

void Convolutions::convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                            TensorView y) {
  const DnnShape shape(window, x.shape, y.shape);
  const Tensor turned_weight = turned(weight);
  Tensor padded_x;
  if (shape.pad) padded_x = padded(window, x, shape.frames);
  const float* input = shape.pad ? padded_x.data() : x.data;
  if (dnn().forward(shape.extents, input, turned_weight.data(), y.data)) return;

  const UnfoldedShape unfolded(window, x.shape, y.shape);
  Tensor rows(memory_, unfolded.unfolded(unfolded.sequences));
  for (std::int64_t begin = 0; begin < x.shape[0]; begin += unfolded.sequences) {
    const std::int64_t count = std::min(unfolded.sequences, x.shape[0] - begin);
    const TensorView part{rows.data(), unfolded.unfolded(count)};
    unfold_plane(stream_, sequences_of(x, begin, count), window, part);
    products_.multiply(stream_, {.a = part.data,
                                 .b = weight.data,
                                 .c = sequences_of(y, begin, count).data,
                                 .rows = part.rows(),
                                 .columns = weight.dim(),
                                 .inner = unfolded.taps});
  }
}

void Convolutions::input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                  ConstTensorView weight, TensorView dx) {
  const DnnShape shape(window, dx.shape, dy.shape);
  const Tensor turned_weight = turned(weight);
  Tensor padded_dx;
  if (shape.pad) padded_dx = Tensor(memory_, {dx.shape[0], shape.frames, dx.dim()});
  float* target = shape.pad ? padded_dx.data() : dx.data;
  if (dnn().input_gradient(shape.extents, dy.data, turned_weight.data(), target)) {
    if (shape.pad) fold(stream_, padded_dx, shift_by(window.time.left), dx);
    return;
  }

  const UnfoldedShape unfolded(window, dx.shape, dy.shape);
  Tensor rows(memory_, unfolded.unfolded(unfolded.sequences));
  for (std::int64_t begin = 0; begin < dx.shape[0]; begin += unfolded.sequences) {
    const std::int64_t count = std::min(unfolded.sequences, dx.shape[0] - begin);
    const TensorView part{rows.data(), unfolded.unfolded(count)};
    products_.multiply(stream_, {.a = sequences_of(dy, begin, count).data,
                                 .b = weight.data,
                                 .c = part.data,
                                 .rows = part.rows(),
                                 .columns = unfolded.taps,
                                 .inner = weight.dim(),
                                 .transpose_b = true});
    fold_plane(stream_, part, window, sequences_of(dx, begin, count));
  }
}

void Convolutions::weight_gradient(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                                   TensorView gradient) {
  const DnnShape shape(window, x.shape, dy.shape);
  Tensor padded_x;
  if (shape.pad) padded_x = padded(window, x, shape.frames);
  const float* input = shape.pad ? padded_x.data() : x.data;
  Tensor turned_gradient(memory_, {gradient.dim(), gradient.rows()});
  if (dnn().weight_gradient(shape.extents, input, dy.data, turned_gradient.data())) {
    transpose(stream_, turned_gradient, gradient, Accumulate::kYes);
    return;
  }

  const UnfoldedShape unfolded(window, x.shape, dy.shape);
  Tensor rows(memory_, unfolded.unfolded(unfolded.sequences));
  for (std::int64_t begin = 0; begin < x.shape[0]; begin += unfolded.sequences) {
    const std::int64_t count = std::min(unfolded.sequences, x.shape[0] - begin);
    const TensorView part{rows.data(), unfolded.unfolded(count)};
    unfold_plane(stream_, sequences_of(x, begin, count), window, part);
    products_.multiply(stream_, {.a = part.data,
                                 .b = sequences_of(dy, begin, count).data,
                                 .c = gradient.data,
                                 .rows = unfolded.taps,
                                 .columns = gradient.dim(),
                                 .inner = part.rows(),
                                 .transpose_a = true,
                                 .beta = 1.0F});
  }
}

DnnConvolutions& Convolutions::dnn() {
  if (!dnn_) dnn_.emplace(memory_, stream_, tensor_float_32_);
  return *dnn_;
}

Tensor Convolutions::padded(const PlaneWindow& window, ConstTensorView x,
                            std::int64_t frames) const {
  Tensor padded(memory_, {x.shape[0], frames, x.dim()});
  unfold(stream_, x, shift_by(window.time.left), padded);
  return padded;
}

Tensor Convolutions::turned(ConstTensorView weight) const {
  Tensor turned(memory_, {weight.dim(), weight.rows()});
  transpose(stream_, weight, turned, Accumulate::kNo);
  return turned;
}

}  // namespace harpy::cuda

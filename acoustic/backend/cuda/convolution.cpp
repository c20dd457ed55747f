#include "acoustic/backend/cuda/convolution.hpp"

#include <algorithm>
#include <limits>

#include "acoustic/backend/cuda/check.hpp"
#include "acoustic/backend/cuda/row_kernels.hpp"
#include "acoustic/backend/cuda/window_kernels.hpp"

namespace harpy::cuda {
namespace {

/// At most so many values are unfolded at a time.
constexpr std::int64_t kMostUnfoldedValues = std::int64_t{1} << 27;

int narrowed(std::int64_t extent) {
  if (extent > std::numeric_limits<int>::max()) {
    throw error_at(DeviceErrorKind::kOther, "a convolution is too large");
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

/// Whether padding both sides by `left`, as cuDNN does, gives exactly the outputs that are wanted.
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

/// The window that copies frames and puts `left` empty ones before them.
TimeWindow shift_by(std::int64_t left) { return {.left = left}; }

template <typename T>
BasicTensorView<T> sequences_of(BasicTensorView<T> x, std::int64_t begin, std::int64_t count) {
  return {x.data + begin * x.shape[1] * x.shape[2], Shape{count, x.shape[1], x.shape[2]}};
}

/// Some sequences of a convolution, with room for what their outputs see.
struct Slice {
  std::int64_t begin, count;
  TensorView rows;  ///< [count, output frames, output bins, taps], taps values an output bin

  template <typename T>
  BasicTensorView<T> of(BasicTensorView<T> x) const {
    return sequences_of(x, begin, count);
  }
};

/// Calls work(slice) for slices that make up all sequences, as many at a time as
/// kMostUnfoldedValues have room for, but at least one.
template <typename Work>
void for_slices(const std::shared_ptr<DeviceMemory>& memory, const PlaneWindow& window,
                const Shape& x, const Shape& y, const Work& work) {
  const std::int64_t taps = window.time.kernel * window.kernel_bins * (x.dim() / window.bins);
  const auto unfolded = [&](std::int64_t sequences) {
    return Shape{sequences, y[1], window.output_bins(), taps};
  };
  const std::int64_t sequences =
      std::clamp<std::int64_t>(kMostUnfoldedValues / unfolded(1).size(), 1, x[0]);
  Tensor rows(memory, unfolded(sequences));
  for (std::int64_t begin = 0; begin < x[0]; begin += sequences) {
    const std::int64_t count = std::min(sequences, x[0] - begin);
    work(Slice{begin, count, {rows.data(), unfolded(count)}});
  }
}

}  // namespace

Convolutions::Convolutions(std::shared_ptr<DeviceMemory> memory, cudaStream_t stream,
                           Products& products, Precision precision)
    : memory_(std::move(memory)), stream_(stream), products_(products), precision_(precision) {}

template <typename ProductOf>
void Convolutions::multiply_unfolded(const PlaneWindow& window, ConstTensorView x, const Shape& y,
                                     const ProductOf& product_of) {
  for_slices(memory_, window, x.shape, y, [&](const Slice& slice) {
    unfold_plane(stream_, slice.of(x), window, slice.rows);
    products_.multiply(stream_, product_of(slice), precision_);
  });
}

void Convolutions::convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                            TensorView y) {
  if (convolve_by_dnn(window, x, weight, y)) return;
  multiply_unfolded(window, x, y.shape, [&](const Slice& slice) {
    return Product{.a = slice.rows.data,
                   .b = weight.data,
                   .c = slice.of(y).data,
                   .rows = slice.rows.rows(),
                   .columns = weight.dim(),
                   .inner = slice.rows.dim()};
  });
}

void Convolutions::input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                  ConstTensorView weight, TensorView dx) {
  if (input_gradient_by_dnn(window, dy, weight, dx)) return;
  for_slices(memory_, window, dx.shape, dy.shape, [&](const Slice& slice) {
    products_.multiply(stream_,
                       {.a = slice.of(dy).data,
                        .b = weight.data,
                        .c = slice.rows.data,
                        .rows = slice.rows.rows(),
                        .columns = slice.rows.dim(),
                        .inner = weight.dim(),
                        .transpose_b = true},
                       precision_);
    fold_plane(stream_, slice.rows, window, slice.of(dx));
  });
}

void Convolutions::weight_gradient(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                                   TensorView gradient) {
  if (weight_gradient_by_dnn(window, x, dy, gradient)) return;
  multiply_unfolded(window, x, dy.shape, [&](const Slice& slice) {
    return Product{.a = slice.rows.data,
                   .b = slice.of(dy).data,
                   .c = gradient.data,
                   .rows = slice.rows.dim(),
                   .columns = gradient.dim(),
                   .inner = slice.rows.rows(),
                   .transpose_a = true,
                   .beta = 1.0F};
  });
}

bool Convolutions::convolve_by_dnn(const PlaneWindow& window, ConstTensorView x,
                                   ConstTensorView weight, TensorView y) {
  if (!is_for_dnn()) return false;
  const DnnShape shape(window, x.shape, y.shape);
  const Tensor turned_weight = turned(weight);
  Tensor padded_x;
  if (shape.pad) padded_x = padded(window, x, shape.frames);
  const float* input = shape.pad ? padded_x.data() : x.data;
  return dnn().forward(shape.extents, input, turned_weight.data(), y.data);
}

bool Convolutions::input_gradient_by_dnn(const PlaneWindow& window, ConstTensorView dy,
                                         ConstTensorView weight, TensorView dx) {
  if (!is_for_dnn()) return false;
  const DnnShape shape(window, dx.shape, dy.shape);
  const Tensor turned_weight = turned(weight);
  Tensor padded_dx;
  if (shape.pad) padded_dx = Tensor(memory_, {dx.shape[0], shape.frames, dx.dim()});
  float* target = shape.pad ? padded_dx.data() : dx.data;
  if (!dnn().input_gradient(shape.extents, dy.data, turned_weight.data(), target)) return false;
  if (shape.pad) fold(stream_, padded_dx, shift_by(window.time.left), dx);
  return true;
}

bool Convolutions::weight_gradient_by_dnn(const PlaneWindow& window, ConstTensorView x,
                                          ConstTensorView dy, TensorView gradient) {
  if (!is_for_dnn()) return false;
  const DnnShape shape(window, x.shape, dy.shape);
  Tensor padded_x;
  if (shape.pad) padded_x = padded(window, x, shape.frames);
  const float* input = shape.pad ? padded_x.data() : x.data;
  Tensor turned_gradient(memory_, {gradient.dim(), gradient.rows()});
  if (!dnn().weight_gradient(shape.extents, input, dy.data, turned_gradient.data())) return false;
  transpose(stream_, turned_gradient, gradient, Accumulate::kYes);
  return true;
}

DnnConvolutions& Convolutions::dnn() {
  if (!dnn_) dnn_.emplace(memory_, stream_, precision_);
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

#include "acoustic/layers/convolution.hpp"

#include <algorithm>
#include <cmath>

#include "acoustic/layers/frame_queue.hpp"

namespace harpy {
namespace {

TimeWindow read_window(LayerFields& fields) {
  TimeWindow window;
  window.kernel = fields.integer("kernel", 1, 1);
  window.dilation = fields.integer("dilation", 1, 1);
  window.stride = fields.integer("stride", 1, 1);
  const std::int64_t left_taps = fields.integer("left", 0, (window.kernel - 1) / 2);
  if (left_taps >= window.kernel) {
    fields.refuse("left", "fewer taps than the kernel's " + std::to_string(window.kernel));
  }
  window.left = left_taps * window.dilation;
  return window;
}

Affine::Options affine_options(LayerFields& fields, const TimeWindow& window,
                               std::int64_t input_dim, std::uint64_t seed) {
  const std::int64_t inputs = window.kernel * input_dim;
  return {.inputs = inputs,
          .outputs = fields.integer("output_dim", 1),
          .with_bias = fields.boolean("bias", true),
          .limit = std::sqrt(6.0F / static_cast<float>(inputs)),
          .seed = seed,
          .l2 = fields.number("l2", 1.0, 0.0)};
}

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Frames are counted from the stream's start.
struct ConvolutionState : LayerState {
  explicit ConvolutionState(std::int64_t dim) : kept(dim) {}

  FrameQueue kept;                 ///< input frames that later outputs need
  std::int64_t kept_begin = 0;     ///< number of its first frame
  std::int64_t emitted_count = 0;  ///< output frames given so far
};

}  // namespace

Convolution::Convolution(const Backend& backend, LayerFields& fields, std::int64_t input_dim,
                         std::uint64_t seed)
    : window_(read_window(fields)),
      affine_(backend, affine_options(fields, window_, input_dim, seed)) {}

FrameContext Convolution::context() const {
  return {window_.left, (window_.kernel - 1) * window_.dilation - window_.left};
}

Tensor Convolution::unfolded(Backend& backend, ConstTensorView x, const TimeWindow& window,
                             std::int64_t output_frames) const {
  Tensor rows = backend.empty({x.shape[0], output_frames, affine_.inputs()});
  backend.unfold(x, window, rows);
  return rows;
}

Tensor Convolution::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  const std::int64_t output_frames = divided_up(x.shape[1], window_.stride);
  Tensor y = backend.empty({x.shape[0], output_frames, output_dim()});
  if (is_pointwise()) {
    affine_.forward(backend, x, y);
  } else {
    affine_.forward(backend, unfolded(backend, x, window_, output_frames), y);
  }
  return y;
}

Tensor Convolution::backward(Backend& backend, const BackwardInput& input) {
  if (is_pointwise()) {
    affine_.add_gradients(backend, input.x, input.dy);
  } else {
    // Unfolded again: cheaper than keeping kernel times the input of every layer.
    affine_.add_gradients(backend, unfolded(backend, input.x, window_, input.dy.shape[1]),
                          input.dy);
  }
  if (!input.need_dx) return {};
  Tensor dx = backend.empty(input.x.shape);
  if (is_pointwise()) {
    affine_.input_gradient(backend, input.dy, dx);
  } else {
    Tensor rows = backend.empty({input.dy.shape[0], input.dy.shape[1], affine_.inputs()});
    affine_.input_gradient(backend, input.dy, rows);
    backend.fold(rows, window_, dx);
  }
  return dx;
}

std::unique_ptr<LayerState> Convolution::open_stream(Backend&) const {
  return std::make_unique<ConvolutionState>(input_dim());
}

Tensor Convolution::forward_stream(Backend& backend, ConstTensorView x, LayerState* state,
                                   bool last) const {
  auto& stream = static_cast<ConvolutionState&>(*state);
  stream.kept.append(backend, x);
  const std::int64_t received = stream.kept_begin + stream.kept.size();
  const std::int64_t usable =
      last ? received : std::max<std::int64_t>(0, received - context().right);
  const std::int64_t begin = stream.emitted_count;
  const std::int64_t end = std::max(begin, divided_up(usable, window_.stride));

  TimeWindow window = window_;  // as seen from the first kept frame
  window.left += stream.kept_begin - begin * window_.stride;
  Tensor y = backend.empty({1, end - begin, output_dim()});
  affine_.forward(backend, unfolded(backend, stream.kept.view(), window, end - begin), y);

  stream.emitted_count = end;
  const std::int64_t needed =
      std::clamp(end * window_.stride - window_.left, stream.kept_begin, received);
  stream.kept.drop(backend, needed - stream.kept_begin);
  stream.kept_begin = needed;
  return y;
}

}  // namespace harpy

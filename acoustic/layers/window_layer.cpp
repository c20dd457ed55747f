#include "acoustic/layers/window_layer.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "acoustic/layers/frame_queue.hpp"

namespace harpy {
namespace {

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

/// Frames are counted from the stream's start.
struct WindowState : LayerState {
  explicit WindowState(std::int64_t dim) : kept(dim) {}

  FrameQueue kept;                 ///< input frames that later outputs need
  std::int64_t kept_begin = 0;     ///< number of its first frame
  std::int64_t emitted_count = 0;  ///< output frames given so far
};

std::int64_t read_left_taps(LayerFields& fields, std::string_view name, const TimeWindow& window,
                            std::int64_t fallback) {
  const std::int64_t taps = fields.integer(name, 0, fallback);
  if (taps >= window.kernel) {
    fields.refuse(name, "fewer taps than the kernel's " + std::to_string(window.kernel));
  }
  return taps;
}

void check_bins(LayerFields& fields, const PlaneWindow& window, std::int64_t input_dim) {
  if (input_dim % window.bins != 0) {
    fields.refuse("bins", "a divisor of the " + std::to_string(input_dim) + " inputs");
  }
  if (window.kernel_bins > window.bins) {
    fields.refuse("kernel_bins", "at most the " + std::to_string(window.bins) + " bins");
  }
}

}  // namespace

TimeWindow read_time_window(LayerFields& fields) {
  TimeWindow window;
  window.kernel = fields.integer("kernel", 1, 1);
  window.dilation = fields.integer("dilation", 1, 1);
  window.stride = fields.integer("stride", 1, 1);
  window.left = read_left_taps(fields, "left", window, (window.kernel - 1) / 2) * window.dilation;
  return window;
}

PlaneWindow read_convolution_window(LayerFields& fields, std::int64_t input_dim) {
  PlaneWindow window;
  TimeWindow& time = window.time;
  time.kernel = fields.integer("kernel_time", 1, 3);
  time.dilation = fields.integer("dilation_time", 1, 1);
  time.stride = fields.integer("stride_time", 1, 1);
  time.left = read_left_taps(fields, "left_time", time, (time.kernel - 1) / 2) * time.dilation;
  window.bins = fields.integer("bins", 1);
  window.kernel_bins = fields.integer("kernel_bins", 1, 3);
  window.stride_bins = fields.integer("stride_bins", 1, 1);
  window.padding_bins = fields.integer("padding_bins", 0, (window.kernel_bins - 1) / 2);
  if (window.padding_bins >= window.kernel_bins) {
    fields.refuse("padding_bins",
                  "fewer bins than the kernel's " + std::to_string(window.kernel_bins));
  }
  check_bins(fields, window, input_dim);
  return window;
}

PlaneWindow read_pooling_window(LayerFields& fields, std::int64_t input_dim) {
  PlaneWindow window;
  TimeWindow& time = window.time;
  time.kernel = fields.integer("kernel_time", 1, 1);
  time.stride = fields.integer("stride_time", 1, time.kernel);
  time.left = read_left_taps(fields, "left_time", time, 0);
  window.bins = fields.integer("bins", 1, 1);
  window.kernel_bins = fields.integer("kernel_bins", 1, 1);
  window.stride_bins = fields.integer("stride_bins", 1, window.kernel_bins);
  check_bins(fields, window, input_dim);
  return window;
}

FrameContext WindowLayer::context() const {
  return {window_.left, (window_.kernel - 1) * window_.dilation - window_.left};
}

Tensor WindowLayer::forward(Backend& backend, ConstTensorView x, SavedForwardPtr*) const {
  Tensor y = backend.empty({x.shape[0], divided_up(x.shape[1], window_.stride), output_dim()});
  if (!y.empty()) apply(backend, window_, x, y);
  return y;
}

std::unique_ptr<LayerState> WindowLayer::open_stream(Backend&) const {
  return std::make_unique<WindowState>(input_dim());
}

Tensor WindowLayer::forward_stream(Backend& backend, ConstTensorView x, LayerState* state,
                                   bool last) const {
  auto& stream = static_cast<WindowState&>(*state);
  stream.kept.append(backend, x);
  const std::int64_t received = stream.kept_begin + stream.kept.size();
  const std::int64_t usable =
      last ? received : std::max<std::int64_t>(0, received - context().right);
  const std::int64_t begin = stream.emitted_count;
  const std::int64_t end = std::max(begin, divided_up(usable, window_.stride));

  Tensor y = backend.empty({1, end - begin, output_dim()});
  if (!y.empty()) {
    // The window as seen from the first kept frame that it needs.
    TimeWindow window = window_;
    window.left += stream.kept_begin - begin * window_.stride;
    const std::int64_t skipped = std::max<std::int64_t>(0, -window.left);
    window.left += skipped;
    const std::int64_t seen = stream.kept.size() - skipped;
    const ConstTensorView frames = slice_rows(stream.kept.view(), skipped, seen);
    apply(backend, window, reshaped(frames, {1, seen, input_dim()}), y);
  }

  stream.emitted_count = end;
  const std::int64_t needed =
      std::clamp(end * window_.stride - window_.left, stream.kept_begin, received);
  stream.kept.drop(backend, needed - stream.kept_begin);
  stream.kept_begin = needed;
  return y;
}

}  // namespace harpy

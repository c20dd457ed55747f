#include "acoustic/layers/window_layer.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy {
namespace {

std::int64_t divided_up(std::int64_t a, std::int64_t b) { return (a + b - 1) / b; }

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

// Output frame t of a block needs the inputs t * stride - left .. t * stride + right, counted from
// its own time. The block lags behind its input's by as few frames as let the right ones be there.
WindowLayer::Seen WindowLayer::enter(StreamLayout& layout) const {
  const BlockTime input = layout.time;
  if (input.block_frames % window_.stride != 0) {
    throw std::invalid_argument("streaming: expected blocks of a multiple of " +
                                std::to_string(window_.stride) + " frames before a layer of type " +
                                std::string(type()) + ", got " +
                                std::to_string(input.block_frames));
  }
  const std::int64_t delay = (input.delay + context().right) / window_.stride;
  const std::int64_t before = window_.left + delay * window_.stride - input.delay;
  Seen seen;
  seen.queue = layout.add_queue(std::max<std::int64_t>(0, before), input_dim());
  seen.frame_count = before + input.block_frames;
  seen.skipped_count = std::max<std::int64_t>(0, -before);
  layout.time = {input.block_frames / window_.stride, delay, input.rate * window_.stride};
  return seen;
}

Tensor WindowLayer::forward_block(Backend& backend, ConstTensorView x, StreamBlock& block) const {
  const Seen seen = enter(block.layout);
  Tensor y = backend.empty({x.shape[0], block.layout.time.block_frames, output_dim()});
  TimeWindow window = window_;
  window.left = 0;
  if (window_.kernel == 1 && seen.queue.frame_count == 0 && seen.skipped_count == 0) {
    apply(backend, window, x, y);  // no output sees a frame at another time
    return y;
  }
  Tensor joined = backend.empty({x.shape[0], seen.frame_count, x.dim()});
  backend.push_frames(seen.queue, block.slots, outside_value(), x, joined);
  apply(backend, window, joined, y);
  window.left = seen.queue.frame_count - seen.skipped_count;
  correct_ends(backend, seen.queue.time, window, block.slots, y);
  return y;
}

}  // namespace harpy

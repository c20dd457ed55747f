#include "acoustic/backend/operand_checks.hpp"

#include <initializer_list>
#include <stdexcept>

namespace harpy::operand_checks {
namespace {

/// "3, 1, 2".
std::string listed(std::initializer_list<std::int64_t> values) {
  std::string text;
  for (const std::int64_t value : values) {
    if (!text.empty()) text += ", ";
    text += std::to_string(value);
  }
  return text;
}

void require_taps(std::string_view operation, const TimeWindow& window) {
  if (window.kernel < 1 || window.dilation < 1 || window.stride < 1) {
    refuse(operation, "window", "kernel, dilation and stride of at least 1",
           listed({window.kernel, window.dilation, window.stride}));
  }
}

/// [sequences, frames, dim] of the same sequences.
void require_frames(std::string_view operation, ConstTensorView x, ConstTensorView y,
                    std::int64_t dim) {
  if (x.shape.rank() != 3) {
    refuse(operation, "frames", "[sequences, frames, dim]", to_string(x.shape));
  }
  if (y.shape.rank() != 3 || y.shape[0] != x.shape[0] || y.dim() != dim) {
    refuse(operation, "output",
           std::to_string(x.shape[0]).append(" sequences of ").append(std::to_string(dim)) +
               " values a frame",
           to_string(y.shape));
  }
}

/// Whether the window has bins to see; x has as many bins, of some channels each.
void require_bins(std::string_view operation, const PlaneWindow& window, ConstTensorView x) {
  if (window.bins < 1 || window.kernel_bins < 1 || window.stride_bins < 1 ||
      window.padding_bins < 0 || window.padding_bins >= window.kernel_bins ||
      window.kernel_bins > window.bins + 2 * window.padding_bins) {
    refuse(operation, "window",
           "bins, kernel and stride of at least 1, padding of less than the kernel, a kernel of at "
           "most the padded bins",
           listed({window.bins, window.kernel_bins, window.stride_bins, window.padding_bins}));
  }
  if (x.dim() == 0 || x.dim() % window.bins != 0) {
    refuse(operation, "frames", std::to_string(window.bins) + " bins of some channels",
           to_string(x.shape));
  }
}

}  // namespace

void refuse(std::string_view operation, std::string_view operand, const std::string& expected,
            const std::string& got) {
  throw std::invalid_argument(std::string(operation) + ": " + std::string(operand) + ": expected " +
                              expected + ", got " + got);
}

void require_shape(std::string_view operation, std::string_view operand, const Shape& expected,
                   const Shape& got) {
  if (expected != got) refuse(operation, operand, to_string(expected), to_string(got));
}

void require_sequences(std::string_view operation, std::string_view operand, ConstTensorView x) {
  if (x.shape.rank() != 3)
    refuse(operation, operand, "[sequences, frames, dim]", to_string(x.shape));
}

void require_columns(std::string_view operation, std::string_view operand, ConstTensorView x,
                     ConstTensorView vector) {
  if (vector.size() != x.dim()) {
    refuse(operation, operand, std::to_string(x.dim()) + " values", to_string(vector.shape));
  }
}

void require_window(std::string_view operation, const TimeWindow& window, ConstTensorView narrow,
                    ConstTensorView wide) {
  require_taps(operation, window);
  require_frames(operation, narrow, wide, window.kernel * narrow.dim());
}

void require_block(std::string_view operation, const FrameQueue& queue, ConstTensorView x,
                   ConstTensorView joined) {
  if (queue.offset < 0 || queue.frame_count < 0) {
    refuse(operation, "queue", "a place and a count of frames",
           std::to_string(queue.offset) + " and " + std::to_string(queue.frame_count));
  }
  if (x.shape.rank() != 3 || x.shape[1] != queue.time.block_frames) {
    refuse(operation, "input", "blocks of " + std::to_string(queue.time.block_frames) + " frames",
           to_string(x.shape));
  }
  const std::int64_t most = queue.frame_count + x.shape[1];
  if (joined.shape.rank() != 3 || joined.shape[0] != x.shape[0] || joined.dim() != x.dim() ||
      joined.shape[1] > most) {
    refuse(operation, "output", "up to " + to_string(Shape{x.shape[0], most, x.dim()}),
           to_string(joined.shape));
  }
}

void require_convolution(std::string_view operation, const PlaneWindow& window, ConstTensorView x,
                         ConstTensorView weight, ConstTensorView y) {
  require_taps(operation, window.time);
  require_bins(operation, window, x);
  const std::int64_t inputs = window.time.kernel * window.kernel_bins * (x.dim() / window.bins);
  if (weight.shape.rank() != 2 || weight.rows() != inputs || weight.dim() < 1) {
    refuse(operation, "weight", std::to_string(inputs) + " rows of channels",
           to_string(weight.shape));
  }
  require_frames(operation, x, y, window.output_bins() * weight.dim());
  if (y.size() == 0) return;
  const std::int64_t reach = (window.time.kernel - 1) * window.time.dilation;
  const std::int64_t last_seen = (y.shape[1] - 1) * window.time.stride + reach - window.time.left;
  if (window.time.left < 0 || window.time.left > reach) {
    refuse(operation, "window", "left from 0 to " + std::to_string(reach),
           std::to_string(window.time.left));
  }
  if (last_seen + window.time.stride < x.shape[1] || last_seen - reach >= x.shape[1]) {
    refuse(operation, "output",
           "a frame for every " + std::to_string(window.time.stride) + " of " + to_string(x.shape),
           to_string(y.shape));
  }
}

void require_pooling(std::string_view operation, const PlaneWindow& window, ConstTensorView x,
                     ConstTensorView y) {
  require_taps(operation, window.time);
  require_bins(operation, window, x);
  require_frames(operation, x, y, window.output_bins() * (x.dim() / window.bins));
  for (std::int64_t t = 0; t < y.shape[1]; ++t) {
    // The first tap that is not before the input.
    const std::int64_t first = t * window.time.stride - window.time.left;
    const std::int64_t skipped =
        first >= 0 ? 0 : (-first + window.time.dilation - 1) / window.time.dilation;
    if (skipped >= window.time.kernel || first + skipped * window.time.dilation >= x.shape[1]) {
      refuse(operation, "window", "an input frame for each output",
             "none for output frame " + std::to_string(t));
    }
  }
}

void require_normalization(std::string_view operation, const Normalization& normalization,
                           ConstTensorView x) {
  require_columns(operation, "mean", x, normalization.mean);
  require_columns(operation, "variance", x, normalization.variance);
  require_columns(operation, "gamma", x, normalization.gamma);
  require_columns(operation, "beta", x, normalization.beta);
}

}  // namespace harpy::operand_checks

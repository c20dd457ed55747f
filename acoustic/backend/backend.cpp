#include "acoustic/backend/backend.hpp"

#include <stdexcept>
#include <string>

#include "acoustic/backend/backend_kinds.hpp"
#include "acoustic/backend/operand_checks.hpp"
#include "acoustic/backend/product.hpp"

namespace harpy {

using namespace operand_checks;

namespace {

/// A product of extents that fit.
Product make_product(ConstTensorView a, Transpose transpose_a, ConstTensorView b,
                     Transpose transpose_b, TensorView c, Accumulate accumulate) {
  const bool turn_a = transpose_a == Transpose::kYes;
  const bool turn_b = transpose_b == Transpose::kYes;
  const Product product{.a = a.data,
                        .b = b.data,
                        .c = c.data,
                        .rows = turn_a ? a.dim() : a.rows(),
                        .columns = turn_b ? b.rows() : b.dim(),
                        .inner = turn_a ? a.rows() : a.dim(),
                        .transpose_a = turn_a,
                        .transpose_b = turn_b,
                        .beta = accumulate == Accumulate::kYes ? 1.0F : 0.0F};
  if ((turn_b ? b.dim() : b.rows()) != product.inner) {
    refuse("multiply", "second factor", "inner extent " + std::to_string(product.inner),
           to_string(b.shape) + (turn_b ? " transposed" : ""));
  }
  if (c.size() != product.rows * product.columns || (c.size() > 0 && c.dim() != product.columns)) {
    refuse("multiply", "product", to_string(Shape{product.rows, product.columns}),
           to_string(c.shape));
  }
  return product;
}

}  // namespace

Tensor Backend::zeros(const Shape& shape) const {
  Tensor tensor(memory_, shape);
  if (!tensor.empty()) memory_->fill_zero(tensor.data(), tensor.view().size_bytes());
  return tensor;
}

Tensor Backend::from_host(const Shape& shape, std::span<const float> values) const {
  if (shape.size() != static_cast<std::int64_t>(values.size())) {
    refuse("from_host", "values", to_string(shape), std::to_string(values.size()) + " values");
  }
  Tensor tensor(memory_, shape);
  if (!tensor.empty()) memory_->copy_from_host(tensor.data(), values.data(), values.size_bytes());
  return tensor;
}

Tensor Backend::copy_of(ConstTensorView x) const {
  Tensor tensor(memory_, x.shape);
  copy(x, tensor);
  return tensor;
}

std::vector<float> Backend::to_host(ConstTensorView x) const {
  std::vector<float> values(static_cast<std::size_t>(x.size()));
  if (!values.empty()) memory_->copy_to_host(values.data(), x.data, x.size_bytes());
  return values;
}

void Backend::copy(ConstTensorView x, TensorView y) const {
  if (x.size() != y.size()) refuse("copy", "target", to_string(x.shape), to_string(y.shape));
  if (x.size() > 0) memory_->copy_within(y.data, x.data, x.size_bytes());
}

void Backend::multiply(ConstTensorView a, Transpose transpose_a, ConstTensorView b,
                       Transpose transpose_b, TensorView c, Accumulate accumulate) {
  multiply(make_product(a, transpose_a, b, transpose_b, c, accumulate), precision_);
}

void Backend::multiply_in_float32(ConstTensorView a, Transpose transpose_a, ConstTensorView b,
                                  Transpose transpose_b, TensorView c, Accumulate accumulate) {
  multiply(make_product(a, transpose_a, b, transpose_b, c, accumulate), Precision::kFloat32);
}

void Backend::multiply(const Product& product, Precision precision) {
  const TensorView c{product.c, {product.rows, product.columns}};
  if (c.size() == 0) return;
  if (product.inner > 0) {
    do_multiply(product, precision);
  } else if (product.beta == 0.0F) {
    do_fill(0.0F, c);
  }
}

void Backend::apply(const AffineFunction& function, ConstTensorView x, TensorView y) {
  if (function.bias.size() > 0) require_columns("apply", "bias", y, function.bias);
  Product product =
      make_product(x, Transpose::kNo, function.weight, Transpose::kNo, y, Accumulate::kNo);
  product.bias = function.bias.data;
  product.has_relu = function.has_relu;
  product.rounded_b = function.rounded_weight;
  multiply(product, precision_);
}

DeviceBuffer<std::uint16_t> Backend::rounded_weight(ConstTensorView weight) {
  if (precision_ != Precision::kBfloat16 || weight.size() == 0) return {};
  return do_rounded_weight(weight);
}

void Backend::add_bias(ConstTensorView bias, TensorView x) {
  require_columns("add_bias", "bias", x, bias);
  if (x.size() > 0) do_add_bias(bias, x);
}

void Backend::sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate) {
  require_columns("sum_rows", "sums", x, sums);
  do_sum_rows(x, sums, accumulate);
}

void Backend::unfold(ConstTensorView x, const TimeWindow& window, TensorView y) {
  require_window("unfold", window, x, y);
  if (y.size() > 0) do_unfold(x, window, y);
}

void Backend::fold(ConstTensorView dy, const TimeWindow& window, TensorView dx) {
  require_window("fold", window, dx, dy);
  if (dx.size() > 0) do_fold(dy, window, dx);
}

void Backend::convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                       TensorView y) {
  require_convolution("convolve", window, x, weight, y);
  if (y.size() > 0) do_convolve(window, x, weight, y);
}

void Backend::convolve_input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                      ConstTensorView weight, TensorView dx) {
  require_convolution("convolve_input_gradient", window, dx, weight, dy);
  if (dx.size() > 0) do_convolve_input_gradient(window, dy, weight, dx);
}

void Backend::convolve_weight_gradient(const PlaneWindow& window, ConstTensorView x,
                                       ConstTensorView dy, TensorView weight_gradient) {
  require_convolution("convolve_weight_gradient", window, x, weight_gradient, dy);
  if (dy.size() > 0) do_convolve_weight_gradient(window, x, dy, weight_gradient);
}

void Backend::pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x, TensorView y) {
  require_pooling("pool", window, x, y);
  if (y.size() > 0) do_pool(pooling, window, x, y);
}

void Backend::pool_backward(Pooling pooling, const PlaneWindow& window,
                            const PoolOperands& operands, TensorView dx) {
  require_pooling("pool_backward", window, operands.x, operands.y);
  require_shape("pool_backward", "dy", operands.y.shape, operands.dy.shape);
  require_shape("pool_backward", "dx", operands.x.shape, dx.shape);
  if (dx.size() > 0) do_pool_backward(pooling, window, operands, dx);
}

void Backend::push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside,
                          ConstTensorView x, TensorView joined) {
  require_block("push_frames", queue, x, joined);
  if (joined.size() > 0) do_push_frames(queue, slots, outside, x, joined);
}

void Backend::average_inside(const BlockTime& time, const TimeWindow& window,
                             const StreamSlot* slots, TensorView y) {
  if (y.shape.rank() != 3 || y.shape[1] * window.stride != time.block_frames) {
    refuse("average_inside", "y",
           "blocks of " + std::to_string(time.block_frames) + " / " +
               std::to_string(window.stride) + " frames",
           to_string(y.shape));
  }
  if (y.size() > 0) do_average_inside(time, window, slots, y);
}

void Backend::subtract_running_mean(const RunningMean& mean, ConstTensorView x, TensorView y) {
  require_shape("subtract_running_mean", "y", x.shape, y.shape);
  require_sequences("subtract_running_mean", "x", x);
  if (y.size() > 0) do_subtract_running_mean(mean, {}, nullptr, x, y);
}

void Backend::subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy,
                                             TensorView dx) {
  require_shape("subtract_running_mean_backward", "dx", dy.shape, dx.shape);
  require_sequences("subtract_running_mean_backward", "dy", dy);
  if (dx.size() > 0) do_subtract_running_mean_backward(mean, dy, dx);
}

void Backend::subtract_running_mean_of_streams(const RunningMean& mean, const FrameQueue& queue,
                                               const StreamSlot* slots, ConstTensorView x,
                                               TensorView y) {
  require_shape("subtract_running_mean_of_streams", "y", x.shape, y.shape);
  if (x.shape.rank() != 3 || x.shape[1] != queue.time.block_frames || queue.frame_count != 2) {
    refuse("subtract_running_mean_of_streams", "x",
           "blocks of " + std::to_string(queue.time.block_frames) +
               " frames, and two frames that are kept",
           to_string(x.shape) + " and " + std::to_string(queue.frame_count));
  }
  if (y.size() > 0) do_subtract_running_mean(mean, queue, slots, x, y);
}

void Backend::fill(float value, TensorView y) {
  if (y.size() > 0) do_fill(value, y);
}

void Backend::scale(float factor, TensorView y) {
  if (y.size() > 0) do_scale(factor, y);
}

void Backend::add_scaled(float factor, ConstTensorView x, TensorView y) {
  require_shape("add_scaled", "target", x.shape, y.shape);
  if (y.size() > 0) do_add_scaled(factor, x, y);
}

double Backend::sum_of_squares(std::span<const ConstTensorView> arrays) {
  return arrays.empty() ? 0.0 : do_sum_of_squares(arrays);
}

void Backend::activate(ActivationKind kind, ConstTensorView x, TensorView y) {
  require_shape("activate", "output", x.shape, y.shape);
  if (y.size() > 0) do_activate(kind, x, y);
}

void Backend::activate_backward(ActivationKind kind, ConstTensorView y, ConstTensorView dy,
                                TensorView dx) {
  require_shape("activate_backward", "dy", y.shape, dy.shape);
  require_shape("activate_backward", "dx", y.shape, dx.shape);
  if (y.size() > 0) do_activate_backward(kind, y, dy, dx);
}

void Backend::dropout(const DropoutMask& mask, ConstTensorView x, TensorView y) {
  require_shape("dropout", "output", x.shape, y.shape);
  if (!(mask.rate >= 0.0F && mask.rate < 1.0F)) {
    refuse("dropout", "rate", "at least 0, less than 1", std::to_string(mask.rate));
  }
  if (y.size() > 0) do_dropout(mask, x, y);
}

void Backend::row_statistics(ConstTensorView x, TensorView mean, TensorView variance) {
  require_columns("row_statistics", "mean", x, mean);
  require_columns("row_statistics", "variance", x, variance);
  if (x.rows() == 0) refuse("row_statistics", "input", "at least one row", to_string(x.shape));
  do_row_statistics(x, mean, variance);
}

void Backend::scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                              TensorView y) {
  require_columns("scale_and_shift", "factor", x, factor);
  require_columns("scale_and_shift", "offset", x, offset);
  require_shape("scale_and_shift", "output", x.shape, y.shape);
  if (y.size() > 0) do_scale_and_shift(x, factor, offset, y);
}

void Backend::scale_shift_and_add(ConstTensorView factor, ConstTensorView offset,
                                  float bypass_scale, ConstTensorView bypass, TensorView y) {
  require_columns("scale_shift_and_add", "factor", y, factor);
  require_columns("scale_shift_and_add", "offset", y, offset);
  require_shape("scale_shift_and_add", "bypass", y.shape, bypass.shape);
  if (y.size() > 0) do_scale_shift_and_add(factor, offset, bypass_scale, bypass, y);
}

void Backend::normalization_factors(const Normalization& normalization, TensorView factor,
                                    TensorView offset) {
  require_normalization("normalization_factors", normalization, factor);
  require_columns("normalization_factors", "offset", factor, offset);
  do_normalization_factors(normalization, factor, offset);
}

void Backend::normalization_backward(const Normalization& normalization, ConstTensorView x,
                                     ConstTensorView dy, const NormalizationGradient& gradient) {
  require_normalization("normalization_backward", normalization, x);
  require_columns("normalization_backward", "gamma gradient", x, gradient.gamma_gradient);
  require_columns("normalization_backward", "beta gradient", x, gradient.beta_gradient);
  require_shape("normalization_backward", "dy", x.shape, dy.shape);
  require_shape("normalization_backward", "dx", x.shape, gradient.dx.shape);
  if (x.size() > 0) do_normalization_backward(normalization, x, dy, gradient);
}

void Backend::log_softmax(ConstTensorView x, TensorView y) {
  require_shape("log_softmax", "output", x.shape, y.shape);
  if (y.size() > 0) do_log_softmax(x, y);
}

void Backend::log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) {
  require_shape("log_softmax_backward", "dy", y.shape, dy.shape);
  require_shape("log_softmax_backward", "dx", y.shape, dx.shape);
  if (y.size() > 0) do_log_softmax_backward(y, dy, dx);
}

void Backend::rms_normalize(float target_rms, ConstTensorView x, TensorView y) {
  require_shape("rms_normalize", "output", x.shape, y.shape);
  if (y.size() > 0) do_rms_normalize(target_rms, x, y);
}

void Backend::rms_normalize_backward(float target_rms, ConstTensorView x, ConstTensorView dy,
                                     TensorView dx) {
  require_shape("rms_normalize_backward", "dy", x.shape, dy.shape);
  require_shape("rms_normalize_backward", "dx", x.shape, dx.shape);
  if (dx.size() > 0) do_rms_normalize_backward(target_rms, x, dy, dx);
}

void Backend::select_columns(ConstTensorView x, const std::int32_t* columns, TensorView y) {
  require_shape("select_columns", "rows of the output", {x.rows()}, {y.rows()});
  if (y.size() > 0) do_select_columns(x, columns, y);
}

double Backend::negative_log_likelihood(ConstTensorView y, std::span<const std::int32_t> classes,
                                        TensorView dy) {
  require_shape("negative_log_likelihood", "dy", y.shape, dy.shape);
  if (static_cast<std::int64_t>(classes.size()) != y.rows()) {
    refuse("negative_log_likelihood", "classes", std::to_string(y.rows()),
           std::to_string(classes.size()));
  }
  for (const std::int32_t label : classes) {
    if (label < -1 || label >= y.dim()) {
      refuse("negative_log_likelihood", "class", "-1 to " + std::to_string(y.dim() - 1),
             std::to_string(label));
    }
  }
  return y.size() > 0 ? do_negative_log_likelihood(y, classes, dy) : 0.0;
}

void Backend::adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                          TensorView first_moment, TensorView second_moment) {
  require_shape("adam_update", "parameter", gradient.shape, parameter.shape);
  require_shape("adam_update", "first moment", gradient.shape, first_moment.shape);
  require_shape("adam_update", "second moment", gradient.shape, second_moment.shape);
  if (step.step < 1) refuse("adam_update", "step", "at least 1", std::to_string(step.step));
  if (gradient.size() > 0) do_adam_update(step, gradient, parameter, first_moment, second_moment);
}

std::unique_ptr<Backend> create_backend(const BackendOptions& options) {
  if (options.thread_count < 1) {
    refuse("create_backend", "threads", "at least 1", std::to_string(options.thread_count));
  }
  if (options.device.kind == DeviceKind::kCuda) return cuda::create_backend(options);
  return cpu::create_backend(options);
}

}  // namespace harpy

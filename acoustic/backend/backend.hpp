#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "acoustic/backend/device.hpp"
#include "acoustic/backend/tensor.hpp"

namespace harpy {

struct BackendOptions {
  Device device;
  /// Threads of one operation. Serving: 1, parallelism comes from several backends; training: all
  /// cores.
  int thread_count = 1;
};

/// Whether a result replaces what the target holds or is added to it.
enum class Accumulate { kNo, kYes };

/// Whether a factor of a product is taken transposed.
enum class Transpose { kNo, kYes };

/// The frames that each output of a convolution over time sees: output t reads the inputs
/// t * stride + k * dilation - left, k = 0 .. kernel - 1; frames outside the input are zero.
struct TimeWindow {
  std::int64_t kernel = 1;    ///< taps
  std::int64_t dilation = 1;  ///< frames between taps
  std::int64_t stride = 1;    ///< input frames per output frame
  std::int64_t left =
      0;  ///< frames before the current one that the first tap reads; may be negative
};

/// Batch normalisation y = gamma * (x - mean) / sqrt(variance + epsilon) + beta of columns (Ioffe
/// and Szegedy, 2015). Shapes: [D] each.
struct Normalization {
  ConstTensorView mean, variance, gamma, beta;
  float epsilon = 1e-5F;
};

/// Step of Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
struct AdamStep {
  float learning_rate = 1e-3F;
  float beta1 = 0.9F;
  float beta2 = 0.999F;
  float epsilon = 1e-8F;
  float weight_decay = 0.0F;
  std::int64_t step = 1;  ///< counted from 1, for the bias correction
};

/// The primitive operations of networks on one device, with its stream, handles and memory.
///
/// Public methods check shapes (std::invalid_argument names the operation, what was expected and
/// what was got) and call the device's twin. Arrays of any rank are seen as matrices [rows, dim]
/// unless a shape is named. Results are the same bits from run to run for one device and thread
/// count. Threads: a backend is used by one thread at a time.
class Backend {
 public:
  virtual ~Backend() = default;

  Device device() const { return device_; }
  const std::shared_ptr<DeviceMemory>& memory() const { return memory_; }

  Tensor empty(const Shape& shape) const { return Tensor(memory_, shape); }
  Tensor zeros(const Shape& shape) const;
  Tensor from_host(const Shape& shape, std::span<const float> values) const;
  Tensor copy_of(ConstTensorView x) const;
  std::vector<float> to_host(ConstTensorView x) const;
  void copy(ConstTensorView x, TensorView y) const;

  /// c = op(a) op(b), or added to c. Shapes: op(a) [M, K], op(b) [K, N], c [M, N].
  void multiply(ConstTensorView a, Transpose transpose_a, ConstTensorView b, Transpose transpose_b,
                TensorView c, Accumulate accumulate);

  /// x[r, d] += bias[d].
  void add_bias(ConstTensorView bias, TensorView x);
  /// sums[d] = sum over r of x[r, d], or added to sums; in a fixed order.
  void sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate);

  /// y[b, t, k * D + d] = x[b, t * stride + k * dilation - left, d], zero outside: the input of a
  /// convolution over time as the rows of one matrix product.
  /// Shapes: x [B, T, D], y [B, T_out, kernel * D]; T_out is given by y.
  void unfold(ConstTensorView x, const TimeWindow& window, TensorView y);
  /// The adjoint of unfold: dx receives the sum of all dy that read it. Overwrites dx.
  void fold(ConstTensorView dy, const TimeWindow& window, TensorView dx);

  /// y = value.
  void fill(float value, TensorView y);
  /// y *= factor.
  void scale(float factor, TensorView y);
  /// y += factor * x.
  void add_scaled(float factor, ConstTensorView x, TensorView y);
  /// Sum of x^2, in double.
  double sum_of_squares(ConstTensorView x);

  /// y = max(x, 0).
  void relu(ConstTensorView x, TensorView y);
  /// dx = dy where y > 0, else 0; y is the output of relu.
  void relu_backward(ConstTensorView y, ConstTensorView dy, TensorView dx);

  /// mean[d] and variance[d] (biased) over rows.
  void row_statistics(ConstTensorView x, TensorView mean, TensorView variance);
  /// y[r, d] = x[r, d] * factor[d] + offset[d].
  void scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                       TensorView y);
  /// Normalisation as y = factor * x + offset: factor = gamma / sqrt(variance + epsilon),
  /// offset = beta - mean * factor.
  void normalization_factors(const Normalization& normalization, TensorView factor,
                             TensorView offset);
  /// Gradient of a normalisation whose mean and variance were taken over the rows of x. Adds to
  /// gamma_gradient and beta_gradient; overwrites dx.
  struct NormalizationGradient {
    TensorView gamma_gradient, beta_gradient, dx;
  };
  void normalization_backward(const Normalization& normalization, ConstTensorView x,
                              ConstTensorView dy, const NormalizationGradient& gradient);

  /// y[r, d] = x[r, d] - log sum over e of exp(x[r, e]).
  void log_softmax(ConstTensorView x, TensorView y);
  /// dx[r, d] = dy[r, d] - exp(y[r, d]) * sum over e of dy[r, e].
  void log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx);

  /// Returns - sum over rows r of y[r, classes[r]] and writes its gradient, -1 at those values and
  /// 0 elsewhere; rows of class -1 take no part. Classes are on the host.
  double negative_log_likelihood(ConstTensorView y, std::span<const std::int32_t> classes,
                                 TensorView dy);

  /// One update of `parameter` and its moments from `gradient`.
  void adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                   TensorView first_moment, TensorView second_moment);

 protected:
  Backend(Device device, std::shared_ptr<DeviceMemory> memory)
      : device_(device), memory_(std::move(memory)) {}

 private:
  virtual void do_multiply(ConstTensorView a, Transpose transpose_a, ConstTensorView b,
                           Transpose transpose_b, TensorView c, Accumulate accumulate) = 0;
  virtual void do_add_bias(ConstTensorView bias, TensorView x) = 0;
  virtual void do_sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate) = 0;
  virtual void do_unfold(ConstTensorView x, const TimeWindow& window, TensorView y) = 0;
  virtual void do_fold(ConstTensorView dy, const TimeWindow& window, TensorView dx) = 0;
  virtual void do_fill(float value, TensorView y) = 0;
  virtual void do_scale(float factor, TensorView y) = 0;
  virtual void do_add_scaled(float factor, ConstTensorView x, TensorView y) = 0;
  virtual double do_sum_of_squares(ConstTensorView x) = 0;
  virtual void do_relu(ConstTensorView x, TensorView y) = 0;
  virtual void do_relu_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) = 0;
  virtual void do_row_statistics(ConstTensorView x, TensorView mean, TensorView variance) = 0;
  virtual void do_scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                                  TensorView y) = 0;
  virtual void do_normalization_factors(const Normalization& normalization, TensorView factor,
                                        TensorView offset) = 0;
  virtual void do_normalization_backward(const Normalization& normalization, ConstTensorView x,
                                         ConstTensorView dy,
                                         const NormalizationGradient& gradient) = 0;
  virtual void do_log_softmax(ConstTensorView x, TensorView y) = 0;
  virtual void do_log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) = 0;
  virtual double do_negative_log_likelihood(ConstTensorView y,
                                            std::span<const std::int32_t> classes,
                                            TensorView dy) = 0;
  virtual void do_adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                              TensorView first_moment, TensorView second_moment) = 0;

  Device device_;
  std::shared_ptr<DeviceMemory> memory_;
};

/// Errors: std::invalid_argument for fewer than one thread; std::runtime_error if the device is not
/// usable here, saying why.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy

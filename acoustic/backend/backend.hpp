#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "acoustic/backend/device.hpp"
#include "acoustic/backend/precision.hpp"
#include "acoustic/backend/recording.hpp"
#include "acoustic/backend/stream_block.hpp"
#include "acoustic/backend/tensor.hpp"

namespace harpy {

struct BackendOptions {
  Device device;
  /// Threads that carry out one operation together on the CPU. Servers take 1, since they run
  /// several backends at once; training takes all cores.
  int thread_count = 1;
  /// What products and convolutions round their factors to. A lower precision is faster on CUDA
  /// devices, and results differ more from those of float32.
  Precision precision = Precision::kFloat32;
};

struct Product;

/// An affine function of rows whose negative values may become zero: y = x weight + bias, or
/// max(x weight + bias, 0).
struct AffineFunction {
  ConstTensorView weight;  ///< [K, N]
  ConstTensorView bias;    ///< [N], or empty
  bool has_relu = false;
  /// What Backend::rounded_weight has made of the weight; null: it is rounded anew by each product
  /// whose precision asks for it.
  const std::uint16_t* rounded_weight = nullptr;
};

/// Whether a result replaces what the target holds or is added to it.
enum class Accumulate { kNo, kYes };

/// Whether a factor of a product is taken transposed.
enum class Transpose { kNo, kYes };

/// Which frames each output of a convolution over time sees: output t reads the inputs
/// t * stride + k * dilation - left, k = 0 .. kernel - 1; frames outside the input are zero.
struct TimeWindow {
  std::int64_t kernel = 1;    ///< taps
  std::int64_t dilation = 1;  ///< frames between taps
  std::int64_t stride = 1;    ///< input frames per output frame
  std::int64_t left =
      0;  ///< frames before the current one that the first tap reads; may be negative
};

/// What each output of a convolution or pooling over time and frequency sees. Frames hold `bins`
/// frequency bins of C channels each, laid out [bin, channel]. Output bin f reads the bins
/// f * stride_bins + j - padding_bins, j = 0 .. kernel_bins - 1, of the frames of `time`.
struct PlaneWindow {
  TimeWindow time;
  std::int64_t bins = 1;          ///< of the input
  std::int64_t kernel_bins = 1;   ///< bins that an output bin sees
  std::int64_t stride_bins = 1;   ///< input bins per output bin
  std::int64_t padding_bins = 0;  ///< bins missing below the first one and above the last one

  /// floor((bins + 2 padding_bins - kernel_bins) / stride_bins) + 1.
  std::int64_t output_bins() const {
    return (bins + 2 * padding_bins - kernel_bins) / stride_bins + 1;
  }
};

/// How a pooling makes one value of those that its window sees.
enum class Pooling { kMax, kAverage };

/// Functions applied value by value: max(x, 0), 1 / (1 + exp(-x)), tanh(x).
enum class ActivationKind { kRelu, kSigmoid, kTanh };

/// A random choice of the values that dropout sets to zero, the same on every device.
struct DropoutMask {
  std::uint64_t key = 0;  ///< any two keys give unrelated choices
  float rate = 0.5F;      ///< share of values dropped, in [0, 1); rounded to a 65536th
};

/// Batch normalisation y = gamma * (x - mean) / sqrt(variance + epsilon) + beta of columns (Ioffe
/// and Szegedy, 2015). Shapes: [D] each.
struct Normalization {
  ConstTensorView mean, variance, gamma, beta;
  float epsilon = 1e-5F;
  /// Whether mean and variance were taken over the rows themselves, so that they change with them;
  /// otherwise they are constants. Gradients differ.
  bool of_rows = true;
};

/// How the mean of a sequence's frames so far is taken, with a mean of zero known beforehand: at
/// frame t it is sum[t] / (prior_frames + count[t]), where sum[t] = decay * sum[t - 1] + x[t] and
/// count[t] = decay * count[t - 1] + 1.
struct RunningMean {
  float decay = 0.998F;
  float prior_frames = 100.0F;  ///< how many frames the mean known beforehand weighs; above 0
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
  Precision precision() const { return precision_; }
  const std::shared_ptr<DeviceMemory>& memory() const { return memory_; }

  /// A tensor with undefined values.
  Tensor empty(const Shape& shape) const { return {memory_, shape}; }
  Tensor zeros(const Shape& shape) const;
  Tensor from_host(const Shape& shape, std::span<const float> values) const;
  Tensor copy_of(ConstTensorView x) const;
  /// Waits for all operations so far and returns the values.
  std::vector<float> to_host(ConstTensorView x) const;
  void copy(ConstTensorView x, TensorView y) const;

  /// Waits until all operations so far are carried out, so that their results can be used without
  /// this backend. Errors of a device may appear only here.
  void synchronize() { do_synchronize(); }

  /// Records the operations that `steps` gives to this backend without carrying them out. Returns
  /// null if the device cannot record at all or cannot record these. Use Replay, which does the
  /// same work where there is no recording.
  std::unique_ptr<Recording> record(const std::function<void()>& steps) { return do_record(steps); }

  /// c = op(a) op(b), or added to c. Shapes: op(a) [M, K], op(b) [K, N], c [M, N].
  void multiply(ConstTensorView a, Transpose transpose_a, ConstTensorView b, Transpose transpose_b,
                TensorView c, Accumulate accumulate);
  /// The same, but factors are not rounded, whatever precision() is: for constraints on the weights
  /// themselves, which must not lose digits.
  void multiply_in_float32(ConstTensorView a, Transpose transpose_a, ConstTensorView b,
                           Transpose transpose_b, TensorView c, Accumulate accumulate);

  /// y = f(x), in one pass over y. Shapes: x [M, K], y [M, N].
  void apply(const AffineFunction& function, ConstTensorView x, TensorView y);
  /// A weight in bfloat16, laid out as this device's products take it (AffineFunction), so that
  /// products need not round it each time; empty where precision() rounds nothing to bfloat16.
  DeviceBuffer<std::uint16_t> rounded_weight(ConstTensorView weight);

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

  /// Convolution over time and frequency: y[b, t, f, o] = sum over the window's frames k, bins j
  /// and channels c of x[b, t * stride + k * dilation - left, f * stride_bins + j - padding_bins,
  /// c] * weight[k, j, c, o], zero outside. Shapes: x [B, T, bins * C], weight [kernel *
  /// kernel_bins * C, O], y [B, T_out, output_bins * O]; T_out is given by y. The first and last
  /// frames must be seen: 0 <= left <= (kernel - 1) * dilation, and fewer than stride frames of x
  /// after the last tap.
  void convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight, TensorView y);
  /// The gradient of convolve with respect to x. Overwrites dx.
  void convolve_input_gradient(const PlaneWindow& window, ConstTensorView dy,
                               ConstTensorView weight, TensorView dx);
  /// The gradient of convolve with respect to weight, added to weight_gradient.
  void convolve_weight_gradient(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                                TensorView weight_gradient);

  /// y[b, t, f, c] = largest value or mean of what the window sees of channel c; frames and bins
  /// outside take no part, and something must be inside.
  /// Shapes: x [B, T, bins * C], y [B, T_out, output_bins * C].
  void pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x, TensorView y);
  /// The gradient of pool with respect to x; of equal largest values the first gets it.
  struct PoolOperands {
    ConstTensorView x, y, dy;
  };
  void pool_backward(Pooling pooling, const PlaneWindow& window, const PoolOperands& operands,
                     TensorView dx);

  /// Appends the next block of each stream, x[b], to the frames kept in the stream's queue, writes
  /// the last frames of the two to joined[b], and keeps the last frame_count ones in the queue.
  /// Frames that are not the stream's (before its start, behind its end) get the value `outside`.
  /// Each row b has its own slot, the slots are of different streams and lie in device memory.
  /// Shapes: x [B, block_frames, D], joined [B, at most frame_count + block_frames, D].
  void push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside,
                   ConstTensorView x, TensorView joined);
  /// Corrects means over windows in which frames outside the stream were taken for zeros, so that
  /// they become means over the stream's own frames: y[b, t] *= kernel / number of the window's
  /// frames that are the stream's, where there are any. `time` is that of the window's input.
  /// Shapes: y [B, T, D].
  void average_inside(const BlockTime& time, const TimeWindow& window, const StreamSlot* slots,
                      TensorView y);

  /// y[b, t] = x[b, t] - the mean of the frames x[b, 0 .. t].
  /// Shapes: x, y [B, T, D].
  void subtract_running_mean(const RunningMean& mean, ConstTensorView x, TensorView y);
  /// The adjoint of subtract_running_mean. Overwrites dx.
  void subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy, TensorView dx);
  /// The same as subtract_running_mean for the next block of each stream, as in push_frames. The
  /// two frames of the queue keep the stream's sums and counts. Frames that are not the stream's
  /// take no part and become zero.
  void subtract_running_mean_of_streams(const RunningMean& mean, const FrameQueue& queue,
                                        const StreamSlot* slots, ConstTensorView x, TensorView y);

  /// y = value.
  void fill(float value, TensorView y);
  /// y *= factor.
  void scale(float factor, TensorView y);
  /// y += factor * x.
  void add_scaled(float factor, ConstTensorView x, TensorView y);
  /// Sum of x^2 over all values of all arrays, in double.
  double sum_of_squares(std::span<const ConstTensorView> arrays);
  double sum_of_squares(ConstTensorView x) { return sum_of_squares({&x, 1}); }

  /// y = f(x).
  void activate(ActivationKind kind, ConstTensorView x, TensorView y);
  /// dx = dy f'(x), from the output y of activate; f' of relu at zero is zero.
  void activate_backward(ActivationKind kind, ConstTensorView y, ConstTensorView dy, TensorView dx);
  /// y = x / (1 - rate) where the mask keeps a value, else 0. The gradient is the same function:
  /// called with dy in place of x it gives dx.
  void dropout(const DropoutMask& mask, ConstTensorView x, TensorView y);

  /// mean[d] and variance[d] (biased) over rows.
  void row_statistics(ConstTensorView x, TensorView mean, TensorView variance);
  /// y[r, d] = x[r, d] * factor[d] + offset[d].
  void scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                       TensorView y);
  /// y[r, d] = y[r, d] * factor[d] + offset[d] + bypass_scale * bypass[r, d].
  void scale_shift_and_add(ConstTensorView factor, ConstTensorView offset, float bypass_scale,
                           ConstTensorView bypass, TensorView y);
  /// Normalisation as y = factor * x + offset: factor = gamma / sqrt(variance + epsilon),
  /// offset = beta - mean * factor.
  void normalization_factors(const Normalization& normalization, TensorView factor,
                             TensorView offset);
  /// Gradient of a normalisation of the rows of x. Adds to
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

  /// y[r, d] = x[r, d] * target_rms / sqrt(mean over e of x[r, e]^2), the mean being at least
  /// 2^-66.
  void rms_normalize(float target_rms, ConstTensorView x, TensorView y);
  /// The gradient of rms_normalize. Overwrites dx.
  void rms_normalize_backward(float target_rms, ConstTensorView x, ConstTensorView dy,
                              TensorView dx);

  /// y[r, d] = x[r, columns[d]]. `columns` are the caller's to check; they lie in device memory.
  /// Shapes: x [R, D], columns [E], y [R, E].
  void select_columns(ConstTensorView x, const std::int32_t* columns, TensorView y);

  /// Returns - sum over rows r of y[r, classes[r]] and writes its gradient, -1 at those values and
  /// 0 elsewhere; rows of class -1 take no part. Classes are on the host.
  double negative_log_likelihood(ConstTensorView y, std::span<const std::int32_t> classes,
                                 TensorView dy);

  /// One update of `parameter` and its moments from `gradient`.
  void adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                   TensorView first_moment, TensorView second_moment);

 protected:
  Backend(const BackendOptions& options, std::shared_ptr<DeviceMemory> memory)
      : device_(options.device), precision_(options.precision), memory_(std::move(memory)) {}

 private:
  void multiply(const Product& product, Precision precision);

  virtual void do_synchronize() = 0;
  virtual std::unique_ptr<Recording> do_record(const std::function<void()>& steps) = 0;
  virtual void do_multiply(const Product& product, Precision precision) = 0;
  virtual DeviceBuffer<std::uint16_t> do_rounded_weight(ConstTensorView weight) = 0;
  virtual void do_add_bias(ConstTensorView bias, TensorView x) = 0;
  virtual void do_sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate) = 0;
  virtual void do_unfold(ConstTensorView x, const TimeWindow& window, TensorView y) = 0;
  virtual void do_fold(ConstTensorView dy, const TimeWindow& window, TensorView dx) = 0;
  virtual void do_convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                           TensorView y) = 0;
  virtual void do_convolve_input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                          ConstTensorView weight, TensorView dx) = 0;
  virtual void do_convolve_weight_gradient(const PlaneWindow& window, ConstTensorView x,
                                           ConstTensorView dy, TensorView weight_gradient) = 0;
  virtual void do_pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x,
                       TensorView y) = 0;
  virtual void do_pool_backward(Pooling pooling, const PlaneWindow& window,
                                const PoolOperands& operands, TensorView dx) = 0;
  virtual void do_push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside,
                              ConstTensorView x, TensorView joined) = 0;
  virtual void do_average_inside(const BlockTime& time, const TimeWindow& window,
                                 const StreamSlot* slots, TensorView y) = 0;
  /// `slots` null: each row of x is a whole sequence.
  virtual void do_subtract_running_mean(const RunningMean& mean, const FrameQueue& queue,
                                        const StreamSlot* slots, ConstTensorView x,
                                        TensorView y) = 0;
  virtual void do_subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy,
                                                 TensorView dx) = 0;
  virtual void do_fill(float value, TensorView y) = 0;
  virtual void do_scale(float factor, TensorView y) = 0;
  virtual void do_add_scaled(float factor, ConstTensorView x, TensorView y) = 0;
  virtual double do_sum_of_squares(std::span<const ConstTensorView> arrays) = 0;
  virtual void do_activate(ActivationKind kind, ConstTensorView x, TensorView y) = 0;
  virtual void do_activate_backward(ActivationKind kind, ConstTensorView y, ConstTensorView dy,
                                    TensorView dx) = 0;
  virtual void do_dropout(const DropoutMask& mask, ConstTensorView x, TensorView y) = 0;
  virtual void do_row_statistics(ConstTensorView x, TensorView mean, TensorView variance) = 0;
  virtual void do_scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                                  TensorView y) = 0;
  virtual void do_scale_shift_and_add(ConstTensorView factor, ConstTensorView offset,
                                      float bypass_scale, ConstTensorView bypass, TensorView y) = 0;
  virtual void do_normalization_factors(const Normalization& normalization, TensorView factor,
                                        TensorView offset) = 0;
  virtual void do_normalization_backward(const Normalization& normalization, ConstTensorView x,
                                         ConstTensorView dy,
                                         const NormalizationGradient& gradient) = 0;
  virtual void do_log_softmax(ConstTensorView x, TensorView y) = 0;
  virtual void do_log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) = 0;
  virtual void do_rms_normalize(float target_rms, ConstTensorView x, TensorView y) = 0;
  virtual void do_rms_normalize_backward(float target_rms, ConstTensorView x, ConstTensorView dy,
                                         TensorView dx) = 0;
  virtual void do_select_columns(ConstTensorView x, const std::int32_t* columns, TensorView y) = 0;
  virtual double do_negative_log_likelihood(ConstTensorView y,
                                            std::span<const std::int32_t> classes,
                                            TensorView dy) = 0;
  virtual void do_adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                              TensorView first_moment, TensorView second_moment) = 0;

  Device device_;
  Precision precision_;
  std::shared_ptr<DeviceMemory> memory_;
};

/// Errors: std::invalid_argument for fewer than one thread; std::runtime_error if the device is not
/// usable here, saying why.
std::unique_ptr<Backend> create_backend(const BackendOptions& options);

}  // namespace harpy

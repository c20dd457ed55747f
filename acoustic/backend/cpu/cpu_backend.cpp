#include "acoustic/backend/backend_kinds.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "acoustic/backend/cpu/bfloat16_product.hpp"
#include "acoustic/backend/cpu/convolution.hpp"
#include "acoustic/backend/cpu/cpu_memory.hpp"
#include "acoustic/backend/cpu/elementwise_kernels.hpp"
#include "acoustic/backend/cpu/product.hpp"
#include "acoustic/backend/cpu/row_kernels.hpp"
#include "acoustic/backend/cpu/stream_kernels.hpp"
#include "acoustic/backend/cpu/thread_team.hpp"
#include "acoustic/backend/cpu/window_kernels.hpp"

namespace harpy::cpu {
namespace {

/// Sums over rows or values are taken in float over pieces of fixed size, then in double over the
/// pieces in order: precise, and the same for every number of threads.
constexpr std::int64_t kPieceRows = 64;
constexpr std::int64_t kPieceValues = 4096;

std::int64_t piece_count(std::int64_t count, std::int64_t piece) {
  return (count + piece - 1) / piece;
}

/// A factor of a product: the array itself or, where factors are rounded, a rounded copy. The copy
/// ends with the object; its block waits in the memory for the next one.
struct Factor {
  Tensor copy;
  ConstTensorView values;

  const float* data() const { return values.data; }
};

class CpuBackend : public Backend {
 public:
  explicit CpuBackend(const BackendOptions& options)
      : Backend(options, std::make_shared<CpuMemory>()), team_(options.thread_count) {}

 private:
  void do_synchronize() override {}

  std::unique_ptr<Recording> do_record(const std::function<void()>& /*steps*/) override {
    return nullptr;  // a call costs no more than its operations
  }

  void do_multiply(const Product& product, Precision precision) override {
    if (precision == Precision::kBfloat16 && suits_bfloat16(product)) {
      return multiply_bfloat16(team_, memory(), product);
    }
    const Factor a = factor({product.a, {product.rows * product.inner}}, precision);
    const Factor b = factor({product.b, {product.inner * product.columns}}, precision);
    Product rounded = product;
    rounded.a = a.data();
    rounded.b = b.data();
    cpu::multiply(team_, rounded);
  }

  DeviceBuffer<std::uint16_t> do_rounded_weight(ConstTensorView weight) override {
    return rounded_to_bfloat16(team_, memory(), weight);
  }

  void do_add_bias(ConstTensorView bias, TensorView x) override {
    for_rows(x, [&](std::int64_t begin, std::int64_t rows) {
      cpu::add_bias(bias.data, x.data + begin * x.dim(), rows, x.dim());
    });
  }

  void do_sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate) override {
    const Tensor pieces =
        sums_of_pieces(x, 1, [&](std::int64_t begin, std::int64_t rows, float* out) {
          column_sums(x.data + begin * x.dim(), rows, x.dim(), out);
        });
    for (std::int64_t d = 0; d < x.dim(); ++d) {
      double sum = accumulate == Accumulate::kYes ? sums.data[d] : 0.0;
      for (std::int64_t p = 0; p < pieces.rows(); ++p) sum += pieces.data()[p * x.dim() + d];
      sums.data[d] = static_cast<float>(sum);
    }
  }

  void do_unfold(ConstTensorView x, const TimeWindow& window, TensorView y) override {
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::unfold(x, window, y, begin, begin + rows);
    });
  }

  void do_fold(ConstTensorView dy, const TimeWindow& window, TensorView dx) override {
    for_rows(dx, [&](std::int64_t begin, std::int64_t rows) {
      cpu::fold(dy, window, dx, begin, begin + rows);
    });
  }

  void do_convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                   TensorView y) override {
    cpu::convolve(team_, memory(), {window, x.shape, y.shape}, factor(x).data(),
                  factor(weight).data(), y.data);
  }

  void do_convolve_input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                  ConstTensorView weight, TensorView dx) override {
    cpu::convolve_input_gradient(team_, memory(), {window, dx.shape, dy.shape}, factor(dy).data(),
                                 factor(weight).data(), dx.data);
  }

  void do_convolve_weight_gradient(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                                   TensorView weight_gradient) override {
    Tensor parts = zeros({team_.size(), weight_gradient.size()});
    cpu::convolve_weight_gradient(team_, memory(), {window, x.shape, dy.shape}, factor(x).data(),
                                  factor(dy).data(), parts.data());
    for (std::int64_t part = 0; part < team_.size(); ++part) {
      do_add_scaled(1.0F, {parts.data() + part * weight_gradient.size(), weight_gradient.shape},
                    weight_gradient);
    }
  }

  void do_pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x,
               TensorView y) override {
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::pool(pooling, window, x, y, begin, begin + rows);
    });
  }

  void do_pool_backward(Pooling pooling, const PlaneWindow& window, const PoolOperands& operands,
                        TensorView dx) override {
    for_sequences(dx, [&](float* scratch, std::int64_t begin, std::int64_t end) {
      cpu::pool_backward(pooling, window, operands, dx, scratch, begin, end);
    });
  }

  void do_push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside,
                      ConstTensorView x, TensorView joined) override {
    const std::int64_t stream_cost = joined.shape[1] * joined.dim() * kValueCost;
    team_.for_ranges(x.shape[0], stream_cost, [&](std::int64_t begin, std::int64_t end) {
      cpu::push_frames(queue, slots, outside, x, joined, begin, end);
    });
  }

  void do_average_inside(const BlockTime& time, const TimeWindow& window, const StreamSlot* slots,
                         TensorView y) override {
    cpu::average_inside(time, window, slots, y, 0, y.shape[0]);
  }

  void do_subtract_running_mean(const RunningMean& mean, const FrameQueue& queue,
                                const StreamSlot* slots, ConstTensorView x, TensorView y) override {
    for_sequences(y, [&](float* sums, std::int64_t begin, std::int64_t end) {
      cpu::subtract_running_mean(mean, queue, slots, x, y, sums, begin, end);
    });
  }

  void do_subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy,
                                         TensorView dx) override {
    for_sequences(dx, [&](float* sums, std::int64_t begin, std::int64_t end) {
      cpu::subtract_running_mean_backward(mean, dy, dx, sums, begin, end);
    });
  }

  void do_fill(float value, TensorView y) override {
    for_values(y, [&](std::int64_t begin, std::int64_t count) {
      cpu::fill(value, y.data + begin, count);
    });
  }

  void do_scale(float factor, TensorView y) override {
    for_values(y, [&](std::int64_t begin, std::int64_t count) {
      cpu::scale(factor, y.data + begin, count);
    });
  }

  void do_add_scaled(float factor, ConstTensorView x, TensorView y) override {
    for_values(y, [&](std::int64_t begin, std::int64_t count) {
      cpu::add_scaled(factor, x.data + begin, y.data + begin, count);
    });
  }

  double do_sum_of_squares(std::span<const ConstTensorView> arrays) override {
    double sum = 0.0;
    for (const ConstTensorView x : arrays) sum += sum_of_squares_of(x);
    return sum;
  }

  double sum_of_squares_of(ConstTensorView x) {
    const std::int64_t count = piece_count(x.size(), kPieceValues);
    Tensor pieces = empty({count});
    team_.for_ranges(count, kPieceValues * kValueCost, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t p = begin; p < end; ++p) {
        const std::int64_t first = p * kPieceValues;
        pieces.data()[p] =
            cpu::sum_of_squares(x.data + first, std::min(kPieceValues, x.size() - first));
      }
    });
    double sum = 0.0;
    for (std::int64_t p = 0; p < count; ++p) sum += pieces.data()[p];
    return sum;
  }

  void do_activate(ActivationKind kind, ConstTensorView x, TensorView y) override {
    const auto function = kind == ActivationKind::kRelu      ? cpu::relu
                          : kind == ActivationKind::kSigmoid ? cpu::sigmoid
                                                             : cpu::tanh;
    for_values(y, [&](std::int64_t begin, std::int64_t count) {
      function(x.data + begin, y.data + begin, count);
    });
  }

  void do_activate_backward(ActivationKind kind, ConstTensorView y, ConstTensorView dy,
                            TensorView dx) override {
    const auto function = kind == ActivationKind::kRelu      ? cpu::relu_backward
                          : kind == ActivationKind::kSigmoid ? cpu::sigmoid_backward
                                                             : cpu::tanh_backward;
    for_values(dx, [&](std::int64_t begin, std::int64_t count) {
      function(y.data + begin, dy.data + begin, dx.data + begin, count);
    });
  }

  void do_dropout(const DropoutMask& mask, ConstTensorView x, TensorView y) override {
    constexpr float kDraws = 65536.0F;
    const float threshold = std::min(std::round(mask.rate * kDraws), kDraws - 1.0F);
    const DropoutFactors factors{.key = mask.key,
                                 .threshold = static_cast<std::uint32_t>(threshold),
                                 .factor = kDraws / (kDraws - threshold)};
    for_values(y, [&](std::int64_t begin, std::int64_t count) {
      cpu::dropout(factors, begin, x.data + begin, y.data + begin, count);
    });
  }

  void do_row_statistics(ConstTensorView x, TensorView mean, TensorView variance) override {
    const std::int64_t dim = x.dim();
    const Tensor pieces =
        sums_of_pieces(x, 2, [&](std::int64_t begin, std::int64_t rows, float* out) {
          column_moments(x.data + begin * dim, rows, dim, out, out + dim);
        });
    combine_moments({.moments = pieces.data(),
                     .x = x.data,
                     .rows = x.rows(),
                     .dim = dim,
                     .piece_rows = kPieceRows},
                    mean.data, variance.data);
  }

  void do_scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                          TensorView y) override {
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::scale_and_shift(x.row(begin), factor.data, offset.data, y.row(begin), rows, x.dim());
    });
  }

  void do_scale_shift_and_add(ConstTensorView factor, ConstTensorView offset, float bypass_scale,
                              ConstTensorView bypass, TensorView y) override {
    const BypassedScaling scaling{factor.data, offset.data, bypass_scale};
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::scale_shift_and_add(scaling, bypass.row(begin), y.row(begin), rows, y.dim());
    });
  }

  void do_normalization_factors(const Normalization& n, TensorView factor,
                                TensorView offset) override {
    for (std::int64_t d = 0; d < factor.size(); ++d) {
      factor.data[d] = n.gamma.data[d] / std::sqrt(n.variance.data[d] + n.epsilon);
      offset.data[d] = n.beta.data[d] - n.mean.data[d] * factor.data[d];
    }
  }

  void do_normalization_backward(const Normalization& n, ConstTensorView x, ConstTensorView dy,
                                 const NormalizationGradient& gradient) override {
    const std::int64_t dim = x.dim();
    const Tensor pieces =
        sums_of_pieces(x, 2, [&](std::int64_t begin, std::int64_t rows, float* out) {
          normalization_sums(x.data + begin * dim, dy.data + begin * dim, n.mean.data, rows, dim,
                             out, out + dim);
        });
    Tensor coefficients = empty({3, dim});
    normalization_coefficients(n, pieces, x.rows(), gradient, coefficients);
    const NormalizationCoefficients factors{coefficients.data(), coefficients.data() + dim,
                                            coefficients.data() + 2 * dim};
    for_rows(gradient.dx, [&](std::int64_t begin, std::int64_t rows) {
      normalization_apply(x.data + begin * dim, dy.data + begin * dim, factors,
                          gradient.dx.data + begin * dim, rows, dim);
    });
  }

  void do_log_softmax(ConstTensorView x, TensorView y) override {
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::log_softmax(x.row(begin), y.row(begin), rows, x.dim());
    });
  }

  void do_log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) override {
    for_rows(dx, [&](std::int64_t begin, std::int64_t rows) {
      cpu::log_softmax_backward(y.row(begin), dy.row(begin), dx.row(begin), rows, y.dim());
    });
  }

  void do_rms_normalize(float target_rms, ConstTensorView x, TensorView y) override {
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::rms_normalize(target_rms, x.row(begin), y.row(begin), rows, x.dim());
    });
  }

  void do_rms_normalize_backward(float target_rms, ConstTensorView x, ConstTensorView dy,
                                 TensorView dx) override {
    for_rows(dx, [&](std::int64_t begin, std::int64_t rows) {
      cpu::rms_normalize_backward(target_rms, x.row(begin), dy.row(begin), dx.row(begin), rows,
                                  x.dim());
    });
  }

  void do_select_columns(ConstTensorView x, const std::int32_t* columns, TensorView y) override {
    for_rows(y, [&](std::int64_t begin, std::int64_t rows) {
      cpu::select_columns(slice_rows(x, begin, rows), columns, y.row(begin), y.dim());
    });
  }

  double do_negative_log_likelihood(ConstTensorView y, std::span<const std::int32_t> classes,
                                    TensorView dy) override {
    do_fill(0.0F, dy);
    return cpu::negative_log_likelihood(y, classes.data(), dy.data);
  }

  void do_adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                      TensorView first_moment, TensorView second_moment) override {
    const AdamFactors factors = adam_factors(step);
    for_values(parameter, [&](std::int64_t begin, std::int64_t count) {
      cpu::adam_update(factors, gradient.data + begin, parameter.data + begin,
                       first_moment.data + begin, second_moment.data + begin, count);
    });
  }

  Factor factor(ConstTensorView x) { return factor(x, precision()); }

  Factor factor(ConstTensorView x, Precision precision) {
    if (precision != Precision::kBfloat16) return {{}, x};
    Tensor copy = empty(x.shape);
    for_values(x, [&](std::int64_t begin, std::int64_t count) {
      round_to_bfloat16(x.data + begin, copy.data() + begin, count);
    });
    const ConstTensorView values = copy;
    return {std::move(copy), values};
  }

  /// Roughly how many bytes an element-wise operation moves for each value.
  static constexpr std::int64_t kValueCost = 8;

  /// work(first value, count) over all values of y, cut at multiples of 64 bytes.
  template <typename Work>
  void for_values(ConstTensorView y, const Work& work) {
    constexpr std::int64_t kGranule = 16;
    const std::int64_t size = y.size();
    team_.for_ranges(piece_count(size, kGranule), kGranule * kValueCost,
                     [&](std::int64_t begin, std::int64_t end) {
                       work(begin * kGranule, std::min(end * kGranule, size) - begin * kGranule);
                     });
  }

  /// work(first row, count) over all rows of y.
  template <typename Work>
  void for_rows(ConstTensorView y, const Work& work) {
    team_.for_ranges(y.rows(), y.dim() * kValueCost,
                     [&](std::int64_t begin, std::int64_t end) { work(begin, end - begin); });
  }

  /// work(room for a frame of y, first sequence, end) over all sequences of y, [B, T, D].
  template <typename Work>
  void for_sequences(ConstTensorView y, const Work& work) {
    team_.for_ranges(y.shape[0], y.shape[1] * y.dim() * kValueCost,
                     [&](std::int64_t begin, std::int64_t end) {
                       Tensor frame = empty({y.dim()});
                       work(frame.data(), begin, end);
                     });
  }

  /// Calls work(first row, rows, out) for each piece of x's rows; out are `arrays` vectors of
  /// x.dim() values. Returns them all, [pieces, arrays * dim].
  template <typename Work>
  Tensor sums_of_pieces(ConstTensorView x, std::int64_t arrays, const Work& work) {
    const std::int64_t pieces = piece_count(x.rows(), kPieceRows);
    Tensor sums = empty({pieces, arrays * x.dim()});
    team_.for_ranges(pieces, kPieceRows * x.dim() * kValueCost,
                     [&](std::int64_t begin, std::int64_t end) {
                       for (std::int64_t p = begin; p < end; ++p) {
                         work(p * kPieceRows, std::min(kPieceRows, x.rows() - p * kPieceRows),
                              sums.data() + p * arrays * x.dim());
                       }
                     });
    return sums;
  }

  ThreadTeam team_;
};

}  // namespace

std::unique_ptr<Backend> create_backend(const BackendOptions& options) {
  return std::make_unique<CpuBackend>(options);
}

}  // namespace harpy::cpu

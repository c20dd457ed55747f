#pragma once

#include <cuda_runtime_api.h>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/cuda/convolution.hpp"
#include "acoustic/backend/cuda/cuda_memory.hpp"
#include "acoustic/backend/cuda/product.hpp"
#include "acoustic/backend/cuda/statistics_kernels.hpp"

namespace harpy::cuda {

/// A backend on a CUDA device: products by cuBLASLt, convolutions by cuDNN, the rest by kernels of
/// ours. Operations are steps of one stream and return before they are carried out; those that
/// return a number, and to_host, wait. Errors: DeviceError, perhaps of an earlier step.
class CudaBackend : public Backend {
 public:
  /// Errors: DeviceError if the device cannot be used.
  explicit CudaBackend(const BackendOptions& options);
  ~CudaBackend() override;
  CudaBackend(const CudaBackend&) = delete;
  CudaBackend& operator=(const CudaBackend&) = delete;

  /// Makes the device current for this thread and returns the stream that all work goes to.
  cudaStream_t stream();

 private:
  CudaBackend(const BackendOptions& options, const std::shared_ptr<CudaMemory>& memory);

  void do_synchronize() override;
  std::unique_ptr<Recording> do_record(const std::function<void()>& steps) override;
  void do_multiply(const Product& product, Precision precision) override;
  DeviceBuffer<std::uint16_t> do_rounded_weight(ConstTensorView weight) override;
  void do_add_bias(ConstTensorView bias, TensorView x) override;
  void do_sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate) override;
  void do_unfold(ConstTensorView x, const TimeWindow& window, TensorView y) override;
  void do_fold(ConstTensorView dy, const TimeWindow& window, TensorView dx) override;
  void do_convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                   TensorView y) override;
  void do_convolve_input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                  ConstTensorView weight, TensorView dx) override;
  void do_convolve_weight_gradient(const PlaneWindow& window, ConstTensorView x, ConstTensorView dy,
                                   TensorView weight_gradient) override;
  void do_pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x,
               TensorView y) override;
  void do_pool_backward(Pooling pooling, const PlaneWindow& window, const PoolOperands& operands,
                        TensorView dx) override;
  void do_push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside,
                      ConstTensorView x, TensorView joined) override;
  void do_average_inside(const BlockTime& time, const TimeWindow& window, const StreamSlot* slots,
                         TensorView y) override;
  void do_subtract_running_mean(const RunningMean& mean, const FrameQueue& queue,
                                const StreamSlot* slots, ConstTensorView x, TensorView y) override;
  void do_subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy,
                                         TensorView dx) override;
  void do_fill(float value, TensorView y) override;
  void do_scale(float factor, TensorView y) override;
  void do_add_scaled(float factor, ConstTensorView x, TensorView y) override;
  double do_sum_of_squares(std::span<const ConstTensorView> arrays) override;
  void do_activate(ActivationKind kind, ConstTensorView x, TensorView y) override;
  void do_activate_backward(ActivationKind kind, ConstTensorView y, ConstTensorView dy,
                            TensorView dx) override;
  void do_dropout(const DropoutMask& mask, ConstTensorView x, TensorView y) override;
  void do_row_statistics(ConstTensorView x, TensorView mean, TensorView variance) override;
  void do_scale_and_shift(ConstTensorView x, ConstTensorView factor, ConstTensorView offset,
                          TensorView y) override;
  void do_scale_shift_and_add(ConstTensorView factor, ConstTensorView offset, float bypass_scale,
                              ConstTensorView bypass, TensorView y) override;
  void do_normalization_factors(const Normalization& normalization, TensorView factor,
                                TensorView offset) override;
  void do_normalization_backward(const Normalization& normalization, ConstTensorView x,
                                 ConstTensorView dy,
                                 const NormalizationGradient& gradient) override;
  void do_log_softmax(ConstTensorView x, TensorView y) override;
  void do_log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) override;
  void do_rms_normalize(float target_rms, ConstTensorView x, TensorView y) override;
  void do_rms_normalize_backward(float target_rms, ConstTensorView x, ConstTensorView dy,
                                 TensorView dx) override;
  void do_select_columns(ConstTensorView x, const std::int32_t* columns, TensorView y) override;
  double do_negative_log_likelihood(ConstTensorView y, std::span<const std::int32_t> classes,
                                    TensorView dy) override;
  void do_adam_update(const AdamStep& step, ConstTensorView gradient, TensorView parameter,
                      TensorView first_moment, TensorView second_moment) override;

  Workplace workplace() { return {stream(), memory()}; }

  std::shared_ptr<CudaMemory> cuda_memory_;
  cudaStream_t stream_;  ///< of the memory
  Products products_;
  Convolutions convolutions_;
};

}  // namespace harpy::cuda

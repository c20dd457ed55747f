#include "acoustic/backend/cuda/cuda_backend.hpp"

#include <stdexcept>

#include "acoustic/backend/cuda/backend_stream.hpp"
#include "acoustic/backend/cuda/elementwise_kernels.hpp"
#include "acoustic/backend/cuda/graph.hpp"
#include "acoustic/backend/cuda/row_kernels.hpp"
#include "acoustic/backend/cuda/stream_kernels.hpp"
#include "acoustic/backend/cuda/window_kernels.hpp"

namespace harpy::cuda {
namespace {

/// The number on the device, after waiting for all steps so far.
double value_of(const DeviceBuffer<double>& number) {
  double value = 0.0;
  number.copy_to_host({&value, 1});
  return value;
}

}  // namespace

CudaBackend::CudaBackend(const BackendOptions& options)
    : CudaBackend(options, std::make_shared<CudaMemory>(options.device.index)) {}

CudaBackend::CudaBackend(const BackendOptions& options, const std::shared_ptr<CudaMemory>& memory)
    : Backend(options, memory),
      cuda_memory_(memory),
      stream_(memory->stream()),
      products_(memory),
      convolutions_(memory, stream_, products_, options.precision) {}

CudaBackend::~CudaBackend() {
  // The libraries' handles end on their device when it has done its work; errors say no more than
  // that the device is lost.
  cudaSetDevice(device().index);
  cudaStreamSynchronize(stream_);
  cudaGetLastError();
}

cudaStream_t CudaBackend::stream() {
  make_current(device().index);
  return stream_;
}

void CudaBackend::do_synchronize() { check(cudaStreamSynchronize(stream())); }

std::unique_ptr<Recording> CudaBackend::do_record(const std::function<void()>& steps) {
  const cudaStream_t recorded = stream();
  const CudaMemory::Recording recording(*cuda_memory_);
  return record_graph(recorded, steps);
}

void CudaBackend::do_multiply(const Product& product, Precision precision) {
  products_.multiply(stream(), product, precision);
}

DeviceBuffer<std::uint16_t> CudaBackend::do_rounded_weight(ConstTensorView weight) {
  return products_.rounded_weight(stream(), weight);
}

void CudaBackend::do_add_bias(ConstTensorView bias, TensorView x) {
  cuda::add_bias(stream(), bias, x);
}

void CudaBackend::do_sum_rows(ConstTensorView x, TensorView sums, Accumulate accumulate) {
  cuda::sum_rows(workplace(), x, sums, accumulate);
}

void CudaBackend::do_unfold(ConstTensorView x, const TimeWindow& window, TensorView y) {
  cuda::unfold(stream(), x, window, y);
}

void CudaBackend::do_fold(ConstTensorView dy, const TimeWindow& window, TensorView dx) {
  cuda::fold(stream(), dy, window, dx);
}

void CudaBackend::do_convolve(const PlaneWindow& window, ConstTensorView x, ConstTensorView weight,
                              TensorView y) {
  stream();
  convolutions_.convolve(window, x, weight, y);
}

void CudaBackend::do_convolve_input_gradient(const PlaneWindow& window, ConstTensorView dy,
                                             ConstTensorView weight, TensorView dx) {
  if (dy.size() == 0) return do_fill(0.0F, dx);
  stream();
  convolutions_.input_gradient(window, dy, weight, dx);
}

void CudaBackend::do_convolve_weight_gradient(const PlaneWindow& window, ConstTensorView x,
                                              ConstTensorView dy, TensorView weight_gradient) {
  stream();
  convolutions_.weight_gradient(window, x, dy, weight_gradient);
}

void CudaBackend::do_pool(Pooling pooling, const PlaneWindow& window, ConstTensorView x,
                          TensorView y) {
  cuda::pool(stream(), pooling, window, x, y);
}

void CudaBackend::do_pool_backward(Pooling pooling, const PlaneWindow& window,
                                   const PoolOperands& operands, TensorView dx) {
  cuda::pool_backward(stream(), pooling, window, operands, dx);
}

void CudaBackend::do_push_frames(const FrameQueue& queue, const StreamSlot* slots, float outside,
                                 ConstTensorView x, TensorView joined) {
  cuda::push_frames(stream(), queue, slots, outside, x, joined);
}

void CudaBackend::do_average_inside(const BlockTime& time, const TimeWindow& window,
                                    const StreamSlot* slots, TensorView y) {
  cuda::average_inside(stream(), time, window, slots, y);
}

void CudaBackend::do_subtract_running_mean(const RunningMean& mean, const FrameQueue& queue,
                                           const StreamSlot* slots, ConstTensorView x,
                                           TensorView y) {
  cuda::subtract_running_mean(stream(), mean, queue, slots, x, y);
}

void CudaBackend::do_subtract_running_mean_backward(const RunningMean& mean, ConstTensorView dy,
                                                    TensorView dx) {
  cuda::subtract_running_mean_backward(stream(), mean, dy, dx);
}

void CudaBackend::do_fill(float value, TensorView y) { cuda::fill(stream(), value, y); }

void CudaBackend::do_scale(float factor, TensorView y) { cuda::scale(stream(), factor, y); }

void CudaBackend::do_add_scaled(float factor, ConstTensorView x, TensorView y) {
  cuda::add_scaled(stream(), factor, x, y);
}

double CudaBackend::do_sum_of_squares(std::span<const ConstTensorView> arrays) {
  DeviceBuffer<double> total(memory(), 1);
  cuda::sum_of_squares(workplace(), arrays, total.data());
  return value_of(total);
}

void CudaBackend::do_activate(ActivationKind kind, ConstTensorView x, TensorView y) {
  cuda::activate(stream(), kind, x, y);
}

void CudaBackend::do_activate_backward(ActivationKind kind, ConstTensorView y, ConstTensorView dy,
                                       TensorView dx) {
  cuda::activate_backward(stream(), kind, y, dy, dx);
}

void CudaBackend::do_dropout(const DropoutMask& mask, ConstTensorView x, TensorView y) {
  cuda::dropout(stream(), mask, x, y);
}

void CudaBackend::do_row_statistics(ConstTensorView x, TensorView mean, TensorView variance) {
  cuda::row_statistics(workplace(), x, mean, variance);
}

void CudaBackend::do_scale_and_shift(ConstTensorView x, ConstTensorView factor,
                                     ConstTensorView offset, TensorView y) {
  cuda::scale_and_shift(stream(), x, factor, offset, y);
}

void CudaBackend::do_scale_shift_and_add(ConstTensorView factor, ConstTensorView offset,
                                         float bypass_scale, ConstTensorView bypass, TensorView y) {
  cuda::scale_shift_and_add(stream(), {factor.data, offset.data, bypass_scale}, bypass, y);
}

void CudaBackend::do_normalization_factors(const Normalization& normalization, TensorView factor,
                                           TensorView offset) {
  cuda::normalization_factors(stream(), normalization, factor, offset);
}

void CudaBackend::do_normalization_backward(const Normalization& normalization, ConstTensorView x,
                                            ConstTensorView dy,
                                            const NormalizationGradient& gradient) {
  cuda::normalization_backward(workplace(), normalization, x, dy, gradient);
}

void CudaBackend::do_log_softmax(ConstTensorView x, TensorView y) {
  cuda::log_softmax(stream(), x, y);
}

void CudaBackend::do_log_softmax_backward(ConstTensorView y, ConstTensorView dy, TensorView dx) {
  cuda::log_softmax_backward(stream(), y, dy, dx);
}

void CudaBackend::do_rms_normalize(float target_rms, ConstTensorView x, TensorView y) {
  cuda::rms_normalize(stream(), target_rms, x, y);
}

void CudaBackend::do_rms_normalize_backward(float target_rms, ConstTensorView x, ConstTensorView dy,
                                            TensorView dx) {
  cuda::rms_normalize_backward(stream(), target_rms, x, dy, dx);
}

void CudaBackend::do_select_columns(ConstTensorView x, const std::int32_t* columns, TensorView y) {
  cuda::select_columns(stream(), x, columns, y);
}

double CudaBackend::do_negative_log_likelihood(ConstTensorView y,
                                               std::span<const std::int32_t> classes,
                                               TensorView dy) {
  DeviceBuffer<std::int32_t> device_classes(memory(), classes.size());
  device_classes.copy_from_host(classes);
  DeviceBuffer<double> total(memory(), 1);
  cuda::negative_log_likelihood(stream(), y, device_classes.data(), dy, total.data());
  return value_of(total);
}

void CudaBackend::do_adam_update(const AdamStep& step, ConstTensorView gradient,
                                 TensorView parameter, TensorView first_moment,
                                 TensorView second_moment) {
  cuda::adam_update(stream(), step, {gradient, parameter, first_moment, second_moment});
}

cudaStream_t stream_of(Backend& backend) {
  auto* found = dynamic_cast<CudaBackend*>(&backend);
  if (found == nullptr) {
    throw std::invalid_argument("expected a CUDA device, got " + to_string(backend.device()));
  }
  return found->stream();
}

}  // namespace harpy::cuda

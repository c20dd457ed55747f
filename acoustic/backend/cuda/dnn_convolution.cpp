#include "acoustic/backend/cuda/dnn_convolution.hpp"

#include <array>

namespace harpy::cuda {
namespace {

/// An algorithm may take at most so much memory; beyond it a slower algorithm is the better choice.
constexpr std::size_t kMostWorkspaceBytes = std::size_t{1} << 30;
constexpr int kMostAlgorithms = 16;
constexpr float kOne = 1.0F, kZero = 0.0F;

bool is_unsupported(cudnnStatus_t status) {
  return CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED;
}

DnnHandle make_handle(cudaStream_t stream) {
  auto handle = made_by<DnnHandle>(cudnnCreate);
  check(cudnnSetStream(handle.get(), stream));
  return handle;
}

}  // namespace

DnnConvolutions::DnnConvolutions(std::shared_ptr<DeviceMemory> memory, cudaStream_t stream,
                                 Precision precision)
    : memory_(std::move(memory)),
      is_rounded_(precision == Precision::kTensorFloat32),
      handle_(make_handle(stream)) {}

bool DnnConvolutions::forward(const ConvolutionExtents& extents, const float* x,
                              const float* weight, float* y) {
  Plan& plan = plan_of(extents, Direction::kForward);
  return carry_out(plan, [&](void* workspace) {
    return cudnnConvolutionForward(handle_.get(), &kOne, plan.x.get(), x, plan.weight.get(), weight,
                                   plan.convolution.get(),
                                   static_cast<cudnnConvolutionFwdAlgo_t>(plan.algorithm),
                                   workspace, plan.workspace_bytes, &kZero, plan.y.get(), y);
  });
}

bool DnnConvolutions::input_gradient(const ConvolutionExtents& extents, const float* dy,
                                     const float* weight, float* dx) {
  Plan& plan = plan_of(extents, Direction::kInputGradient);
  return carry_out(plan, [&](void* workspace) {
    return cudnnConvolutionBackwardData(handle_.get(), &kOne, plan.weight.get(), weight,
                                        plan.y.get(), dy, plan.convolution.get(),
                                        static_cast<cudnnConvolutionBwdDataAlgo_t>(plan.algorithm),
                                        workspace, plan.workspace_bytes, &kZero, plan.x.get(), dx);
  });
}

bool DnnConvolutions::weight_gradient(const ConvolutionExtents& extents, const float* x,
                                      const float* dy, float* weight_gradient) {
  Plan& plan = plan_of(extents, Direction::kWeightGradient);
  return carry_out(plan, [&](void* workspace) {
    return cudnnConvolutionBackwardFilter(
        handle_.get(), &kOne, plan.x.get(), x, plan.y.get(), dy, plan.convolution.get(),
        static_cast<cudnnConvolutionBwdFilterAlgo_t>(plan.algorithm), workspace,
        plan.workspace_bytes, &kZero, plan.weight.get(), weight_gradient);
  });
}

template <typename Call>
bool DnnConvolutions::carry_out(Plan& plan, const Call& call) {
  if (!plan.usable) return false;
  DeviceBuffer<std::byte> workspace(memory_, plan.workspace_bytes);
  const cudnnStatus_t status = call(workspace.data());
  if (is_unsupported(status)) {
    plan.usable = false;
    return false;
  }
  check(status);
  return true;
}

DnnConvolutions::Plan& DnnConvolutions::plan_of(const ConvolutionExtents& extents,
                                                Direction direction) {
  const auto key = std::pair(extents, direction);
  const auto found = plans_.find(key);
  if (found != plans_.end()) return found->second;
  Plan plan;
  describe(extents, plan);
  choose_algorithm(direction, plan);
  return plans_.emplace(key, std::move(plan)).first->second;
}

void DnnConvolutions::describe(const ConvolutionExtents& e, Plan& plan) const {
  plan.x = made_by<TensorDescriptor>(cudnnCreateTensorDescriptor);
  plan.y = made_by<TensorDescriptor>(cudnnCreateTensorDescriptor);
  plan.weight = made_by<FilterDescriptor>(cudnnCreateFilterDescriptor);
  plan.convolution = made_by<ConvolutionDescriptor>(cudnnCreateConvolutionDescriptor);
  check(cudnnSetTensor4dDescriptor(plan.x.get(), CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, e.sequences,
                                   e.channels, e.frames, e.bins));
  check(cudnnSetTensor4dDescriptor(plan.y.get(), CUDNN_TENSOR_NHWC, CUDNN_DATA_FLOAT, e.sequences,
                                   e.output_channels, e.output_frames, e.output_bins));
  check(cudnnSetFilter4dDescriptor(plan.weight.get(), CUDNN_DATA_FLOAT, CUDNN_TENSOR_NHWC,
                                   e.output_channels, e.channels, e.kernel_frames, e.kernel_bins));
  check(cudnnSetConvolution2dDescriptor(plan.convolution.get(), e.padding_frames, e.padding_bins,
                                        e.stride_frames, e.stride_bins, e.dilation_frames, 1,
                                        CUDNN_CROSS_CORRELATION, CUDNN_DATA_FLOAT));
  check(cudnnSetConvolutionMathType(plan.convolution.get(),
                                    is_rounded_ ? CUDNN_DEFAULT_MATH : CUDNN_FMA_MATH));
}

void DnnConvolutions::choose_algorithm(Direction direction, Plan& plan) const {
  int count = 0;
  cudnnStatus_t status = CUDNN_STATUS_SUCCESS;
  if (direction == Direction::kForward) {
    std::array<cudnnConvolutionFwdAlgoPerf_t, kMostAlgorithms> results{};
    status = cudnnGetConvolutionForwardAlgorithm_v7(handle_.get(), plan.x.get(), plan.weight.get(),
                                                    plan.convolution.get(), plan.y.get(),
                                                    kMostAlgorithms, &count, results.data());
    take_first_fit(results, count, plan);
  } else if (direction == Direction::kInputGradient) {
    std::array<cudnnConvolutionBwdDataAlgoPerf_t, kMostAlgorithms> results{};
    status = cudnnGetConvolutionBackwardDataAlgorithm_v7(
        handle_.get(), plan.weight.get(), plan.y.get(), plan.convolution.get(), plan.x.get(),
        kMostAlgorithms, &count, results.data());
    take_first_fit(results, count, plan);
  } else {
    std::array<cudnnConvolutionBwdFilterAlgoPerf_t, kMostAlgorithms> results{};
    status = cudnnGetConvolutionBackwardFilterAlgorithm_v7(
        handle_.get(), plan.x.get(), plan.y.get(), plan.convolution.get(), plan.weight.get(),
        kMostAlgorithms, &count, results.data());
    take_first_fit(results, count, plan);
  }
  if (!is_unsupported(status)) check(status);
}

template <typename Results>
void DnnConvolutions::take_first_fit(const Results& results, int count, Plan& plan) const {
  for (int i = 0; i < count; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    const bool precise = result.mathType == CUDNN_FMA_MATH || result.mathType == CUDNN_DEFAULT_MATH;
    if (result.status != CUDNN_STATUS_SUCCESS || result.determinism != CUDNN_DETERMINISTIC ||
        result.memory > kMostWorkspaceBytes || !(precise || is_rounded_)) {
      continue;
    }
    if (is_rounded_) {
      check(cudnnSetConvolutionMathType(plan.convolution.get(), result.mathType));
    }
    plan.algorithm = static_cast<int>(result.algo);
    plan.workspace_bytes = result.memory;
    plan.usable = true;
    return;
  }
}

}  // namespace harpy::cuda

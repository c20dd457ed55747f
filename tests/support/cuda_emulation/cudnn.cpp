// cuDNN's calls: convolutions by plain loops.

#include <cudnn.h>

#include <array>
#include <cstdint>
#include <cstring>

#include "tests/support/cuda_emulation/device.hpp"

struct cudnnContext {
  cudaStream_t stream = nullptr;
};
struct cudnnTensorStruct {
  int images, channels, rows, columns;
};
struct cudnnFilterStruct {
  int outputs, channels, rows, columns;
};
struct cudnnConvolutionStruct {
  int padding_rows, padding_columns, stride_rows, stride_columns, dilation_rows, dilation_columns;
};

namespace harpy::cuda_emulation {
namespace {

constexpr std::size_t kConvolutionBytes = 512;

int output_extent(int input, int padding, int kernel, int dilation, int stride) {
  return (input + 2 * padding - (kernel - 1) * dilation - 1) / stride + 1;
}

/// A convolution of images [rows, columns, channels] by weights [output, row, column, channel].
struct Convolution {
  cudnnTensorStruct x, y;
  cudnnFilterStruct weight;
  cudnnConvolutionStruct window;

  bool is_consistent() const {
    return x.images == y.images && x.channels == weight.channels && y.channels == weight.outputs &&
           y.rows == output_extent(x.rows, window.padding_rows, weight.rows, window.dilation_rows,
                                   window.stride_rows) &&
           y.columns == output_extent(x.columns, window.padding_columns, weight.columns,
                                      window.dilation_columns, window.stride_columns);
  }

  static std::size_t size(const cudnnTensorStruct& t) {
    return static_cast<std::size_t>(t.images) * t.rows * t.columns * t.channels;
  }
  std::size_t weight_size() const {
    return static_cast<std::size_t>(weight.outputs) * weight.rows * weight.columns *
           weight.channels;
  }

  /// Calls visit(place in y, in x, in the weights) for every product of the sums.
  template <typename Visit>
  void for_each_product(const Visit& visit) const {
    for (int image = 0; image < y.images; ++image) {
      for (int row = 0; row < y.rows; ++row) {
        for (int column = 0; column < y.columns; ++column) {
          for_each_tap({image, row, column}, visit);
        }
      }
    }
  }

 private:
  template <typename Visit>
  void for_each_tap(const std::array<int, 3>& at, const Visit& visit) const {
    const auto [image, y_row, y_column] = at;
    for (int tap_row = 0; tap_row < weight.rows; ++tap_row) {
      const int x_row =
          y_row * window.stride_rows + tap_row * window.dilation_rows - window.padding_rows;
      if (x_row < 0 || x_row >= x.rows) continue;
      for (int tap_column = 0; tap_column < weight.columns; ++tap_column) {
        const int x_column = y_column * window.stride_columns +
                             tap_column * window.dilation_columns - window.padding_columns;
        if (x_column < 0 || x_column >= x.columns) continue;
        for (int output = 0; output < weight.outputs; ++output) {
          for (int channel = 0; channel < weight.channels; ++channel) {
            visit(place({image, y_row, y_column, output}, {y.rows, y.columns, y.channels}),
                  place({image, x_row, x_column, channel}, {x.rows, x.columns, x.channels}),
                  place({output, tap_row, tap_column, channel},
                        {weight.rows, weight.columns, weight.channels}));
          }
        }
      }
    }
  }

  static std::size_t place(const std::array<int, 4>& at, const std::array<int, 3>& extents) {
    auto found = static_cast<std::size_t>(at[0]);
    for (std::size_t i = 0; i < extents.size(); ++i) {
      found = found * static_cast<std::size_t>(extents[i]) + static_cast<std::size_t>(at[i + 1]);
    }
    return found;
  }
};

/// What cuDNN gets beside a convolution's arrays.
struct Call {
  cudnnHandle_t handle;
  const void *alpha, *beta;
  std::size_t workspace_bytes;
};

/// result[...] = sums of products, by for_each_product(convolution, result).
template <typename Accumulate>
cudnnStatus_t give(const Call& call, const Convolution& convolution, float* result,
                   std::size_t result_size, const Accumulate& accumulate) {
  if (!convolution.is_consistent() || call.workspace_bytes < kConvolutionBytes ||
      *static_cast<const float*>(call.alpha) != 1.0F ||
      *static_cast<const float*>(call.beta) != 0.0F) {
    return CUDNN_STATUS_BAD_PARAM;
  }
  const cudaError_t status = on_device([&](Device& device) {
    return device.give(call.handle->stream, [=] {
      std::memset(result, 0, result_size * sizeof(float));
      convolution.for_each_product(accumulate);
      return std::string();
    });
  });
  return status == cudaSuccess ? CUDNN_STATUS_SUCCESS : CUDNN_STATUS_EXECUTION_FAILED;
}

template <typename Performance>
cudnnStatus_t offer(int most, int* count, Performance* results) {
  if (most < 1) return CUDNN_STATUS_BAD_PARAM;
  results[0] = {.algo = {},
                .status = CUDNN_STATUS_SUCCESS,
                .memory = kConvolutionBytes,
                .determinism = CUDNN_DETERMINISTIC,
                .mathType = CUDNN_FMA_MATH};
  *count = 1;
  return CUDNN_STATUS_SUCCESS;
}

}  // namespace
}  // namespace harpy::cuda_emulation

namespace emulation = harpy::cuda_emulation;

const char* cudnnGetErrorString(cudnnStatus_t /*status*/) { return "emulated cuDNN"; }

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  *handle = new cudnnContext;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  delete handle;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  handle->stream = stream;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* tensor) {
  *tensor = new cudnnTensorStruct{};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t tensor,
                                         cudnnTensorFormat_t /*format*/, cudnnDataType_t /*type*/,
                                         int images, int channels, int rows, int columns) {
  *tensor = {images, channels, rows, columns};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t tensor) {
  delete tensor;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t* filter) {
  *filter = new cudnnFilterStruct{};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t filter, cudnnDataType_t /*type*/,
                                         cudnnTensorFormat_t /*format*/, int outputs, int channels,
                                         int rows, int columns) {
  *filter = {outputs, channels, rows, columns};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t filter) {
  delete filter;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t* convolution) {
  *convolution = new cudnnConvolutionStruct{};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t convolution,
                                              int padding_rows, int padding_columns,
                                              int stride_rows, int stride_columns,
                                              int dilation_rows, int dilation_columns,
                                              cudnnConvolutionMode_t /*mode*/,
                                              cudnnDataType_t /*type*/) {
  *convolution = {padding_rows,   padding_columns, stride_rows,
                  stride_columns, dilation_rows,   dilation_columns};
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t /*convolution*/,
                                          cudnnMathType_t /*type*/) {
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t convolution) {
  delete convolution;
  return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnGetConvolutionForwardAlgorithm_v7(
    cudnnHandle_t /*handle*/, cudnnTensorDescriptor_t /*x*/, cudnnFilterDescriptor_t /*weight*/,
    cudnnConvolutionDescriptor_t /*convolution*/, cudnnTensorDescriptor_t /*y*/, int most,
    int* count, cudnnConvolutionFwdAlgoPerf_t* results) {
  return emulation::offer(most, count, results);
}

cudnnStatus_t cudnnGetConvolutionBackwardDataAlgorithm_v7(
    cudnnHandle_t /*handle*/, cudnnFilterDescriptor_t /*weight*/, cudnnTensorDescriptor_t /*dy*/,
    cudnnConvolutionDescriptor_t /*convolution*/, cudnnTensorDescriptor_t /*dx*/, int most,
    int* count, cudnnConvolutionBwdDataAlgoPerf_t* results) {
  return emulation::offer(most, count, results);
}

cudnnStatus_t cudnnGetConvolutionBackwardFilterAlgorithm_v7(
    cudnnHandle_t /*handle*/, cudnnTensorDescriptor_t /*x*/, cudnnTensorDescriptor_t /*dy*/,
    cudnnConvolutionDescriptor_t /*convolution*/, cudnnFilterDescriptor_t /*dweight*/, int most,
    int* count, cudnnConvolutionBwdFilterAlgoPerf_t* results) {
  return emulation::offer(most, count, results);
}

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha,
                                      cudnnTensorDescriptor_t x_descriptor, const void* x,
                                      cudnnFilterDescriptor_t weight_descriptor, const void* weight,
                                      cudnnConvolutionDescriptor_t convolution,
                                      cudnnConvolutionFwdAlgo_t /*algorithm*/, void* /*workspace*/,
                                      std::size_t workspace_bytes, const void* beta,
                                      cudnnTensorDescriptor_t y_descriptor, void* y) {
  const auto* const inputs = static_cast<const float*>(x);
  const auto* const weights = static_cast<const float*>(weight);
  auto* const outputs = static_cast<float*>(y);
  return emulation::give({handle, alpha, beta, workspace_bytes},
                         {*x_descriptor, *y_descriptor, *weight_descriptor, *convolution}, outputs,
                         emulation::Convolution::size(*y_descriptor),
                         [=](std::size_t at_y, std::size_t at_x, std::size_t at_weight) {
                           outputs[at_y] += inputs[at_x] * weights[at_weight];
                         });
}

cudnnStatus_t cudnnConvolutionBackwardData(
    cudnnHandle_t handle, const void* alpha, cudnnFilterDescriptor_t weight_descriptor,
    const void* weight, cudnnTensorDescriptor_t dy_descriptor, const void* dy,
    cudnnConvolutionDescriptor_t convolution, cudnnConvolutionBwdDataAlgo_t /*algorithm*/,
    void* /*workspace*/, std::size_t workspace_bytes, const void* beta,
    cudnnTensorDescriptor_t dx_descriptor, void* dx) {
  const auto* const gradients = static_cast<const float*>(dy);
  const auto* const weights = static_cast<const float*>(weight);
  auto* const results = static_cast<float*>(dx);
  return emulation::give({handle, alpha, beta, workspace_bytes},
                         {*dx_descriptor, *dy_descriptor, *weight_descriptor, *convolution},
                         results, emulation::Convolution::size(*dx_descriptor),
                         [=](std::size_t at_y, std::size_t at_x, std::size_t at_weight) {
                           results[at_x] += gradients[at_y] * weights[at_weight];
                         });
}

cudnnStatus_t cudnnConvolutionBackwardFilter(
    cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t x_descriptor, const void* x,
    cudnnTensorDescriptor_t dy_descriptor, const void* dy, cudnnConvolutionDescriptor_t convolution,
    cudnnConvolutionBwdFilterAlgo_t /*algorithm*/, void* /*workspace*/, std::size_t workspace_bytes,
    const void* beta, cudnnFilterDescriptor_t dweight_descriptor, void* dweight) {
  const auto* const inputs = static_cast<const float*>(x);
  const auto* const gradients = static_cast<const float*>(dy);
  auto* const results = static_cast<float*>(dweight);
  const emulation::Convolution shape{*x_descriptor, *dy_descriptor, *dweight_descriptor,
                                     *convolution};
  return emulation::give({handle, alpha, beta, workspace_bytes}, shape, results,
                         shape.weight_size(),
                         [=](std::size_t at_y, std::size_t at_x, std::size_t at_weight) {
                           results[at_weight] += inputs[at_x] * gradients[at_y];
                         });
}

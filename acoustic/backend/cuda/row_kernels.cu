#include "acoustic/backend/cuda/block_sum.cuh"
#include "acoustic/backend/cuda/elementwise_kernels.hpp"
#include "acoustic/backend/cuda/launch.cuh"
#include "acoustic/backend/cuda/row_kernels.hpp"
#include "acoustic/backend/rms_factor.hpp"

namespace harpy::cuda {
namespace {

struct AddBias {
  const float* bias;
  float* x;
  std::int64_t dim;
  __device__ void operator()(std::uint32_t r, std::uint32_t d) const { x[r * dim + d] += bias[d]; }
};

struct ScaleAndShift {
  const float *x, *factor, *offset;
  float* y;
  std::int64_t dim;
  __device__ void operator()(std::uint32_t r, std::uint32_t d) const {
    const std::int64_t i = r * dim + d;
    y[i] = x[i] * factor[d] + offset[d];
  }
};

struct ScaleShiftAndAdd {
  BypassedScaling scaling;
  const float* bypass;
  float* y;
  std::int64_t dim;
  __device__ void operator()(std::uint32_t r, std::uint32_t d) const {
    const std::int64_t i = r * dim + d;
    y[i] = (y[i] * scaling.factor[d] + scaling.offset[d]) + scaling.bypass_scale * bypass[i];
  }
};

struct ColumnSelection {
  const float* x;
  const std::int32_t* columns;
  float* y;
  std::int64_t x_dim, dim;
  __device__ void operator()(std::uint32_t r, std::uint32_t d) const {
    y[r * dim + d] = x[r * x_dim + columns[d]];
  }
};

struct Transposition {
  const float* x;
  float* y;
  std::int64_t rows, dim;  ///< of y
  bool accumulate;
  __device__ void operator()(std::uint32_t r, std::uint32_t d) const {
    const float value = x[d * rows + r];
    float& target = y[r * dim + d];
    target = accumulate ? target + value : value;
  }
};

constexpr unsigned kWarp = 32;
constexpr unsigned kWarpsPerBlock = 8;
constexpr unsigned kAllLanes = 0xFFFFFFFFU;

/// The sum over the lanes of a warp, the same bits in all of them.
__device__ float warp_sum(float value) {
  for (unsigned distance = kWarp / 2; distance > 0; distance /= 2) {
    value += __shfl_xor_sync(kAllLanes, value, distance);
  }
  return value;
}

__device__ float warp_largest(float value) {
  for (unsigned distance = kWarp / 2; distance > 0; distance /= 2) {
    value = fmaxf(value, __shfl_xor_sync(kAllLanes, value, distance));
  }
  return value;
}

/// Each warp computes whole rows.
__global__ void log_softmax_rows(const float* x, float* y, std::int64_t rows, std::int64_t dim) {
  const unsigned lane = threadIdx.x;
  const std::int64_t step = std::int64_t{gridDim.x} * kWarpsPerBlock;
  for (std::int64_t r = std::int64_t{blockIdx.x} * kWarpsPerBlock + threadIdx.y; r < rows;
       r += step) {
    const float* row = x + r * dim;
    float largest = row[0];
    for (std::int64_t d = lane; d < dim; d += kWarp) largest = fmaxf(largest, row[d]);
    largest = warp_largest(largest);
    float sum = 0.0F;
    for (std::int64_t d = lane; d < dim; d += kWarp) sum += expf(row[d] - largest);
    const float shift = largest + logf(warp_sum(sum));
    for (std::int64_t d = lane; d < dim; d += kWarp) y[r * dim + d] = row[d] - shift;
  }
}

/// Each warp computes whole rows.
__global__ void log_softmax_backward_rows(const float* y, const float* dy, float* dx,
                                          std::int64_t rows, std::int64_t dim) {
  const unsigned lane = threadIdx.x;
  const std::int64_t step = std::int64_t{gridDim.x} * kWarpsPerBlock;
  for (std::int64_t r = std::int64_t{blockIdx.x} * kWarpsPerBlock + threadIdx.y; r < rows;
       r += step) {
    float sum = 0.0F;
    for (std::int64_t d = lane; d < dim; d += kWarp) sum += dy[r * dim + d];
    sum = warp_sum(sum);
    for (std::int64_t d = lane; d < dim; d += kWarp) {
      dx[r * dim + d] = dy[r * dim + d] - expf(y[r * dim + d]) * sum;
    }
  }
}

/// A warp for each row.
Grid warp_grid(std::int64_t rows) {
  const std::int64_t blocks = (rows + kWarpsPerBlock - 1) / kWarpsPerBlock;
  return {static_cast<unsigned>(std::min(blocks, kMostBlocks)), dim3(kWarp, kWarpsPerBlock)};
}

/// Each warp computes whole rows.
__global__ void rms_normalize_rows(float target_rms, const float* x, float* y, std::int64_t rows,
                                   std::int64_t dim) {
  const unsigned lane = threadIdx.x;
  const std::int64_t step = std::int64_t{gridDim.x} * kWarpsPerBlock;
  for (std::int64_t r = std::int64_t{blockIdx.x} * kWarpsPerBlock + threadIdx.y; r < rows;
       r += step) {
    const float* row = x + r * dim;
    float squares = 0.0F;
    for (std::int64_t d = lane; d < dim; d += kWarp) squares += row[d] * row[d];
    const float factor = rms_factor(target_rms, warp_sum(squares), dim);
    for (std::int64_t d = lane; d < dim; d += kWarp) y[r * dim + d] = row[d] * factor;
  }
}

/// Each warp computes whole rows.
__global__ void rms_normalize_backward_rows(float target_rms, const float* x, const float* dy,
                                            float* dx, std::int64_t rows, std::int64_t dim) {
  const unsigned lane = threadIdx.x;
  const std::int64_t step = std::int64_t{gridDim.x} * kWarpsPerBlock;
  for (std::int64_t r = std::int64_t{blockIdx.x} * kWarpsPerBlock + threadIdx.y; r < rows;
       r += step) {
    const float* row = x + r * dim;
    float squares = 0.0F;
    float products = 0.0F;
    for (std::int64_t d = lane; d < dim; d += kWarp) {
      squares += row[d] * row[d];
      products += row[d] * dy[r * dim + d];
    }
    squares = warp_sum(squares);
    const float factor = rms_factor(target_rms, squares, dim);
    const float slope = rms_slope(squares, warp_sum(products), dim);
    for (std::int64_t d = lane; d < dim; d += kWarp) {
      dx[r * dim + d] = factor * (dy[r * dim + d] - slope * row[d]);
    }
  }
}

/// Launched as one block. Each thread writes the gradient of its rows.
__global__ void __launch_bounds__(kSumThreads)
    pick_classes(const float* y, const std::int32_t* classes, std::int64_t rows, std::int64_t dim,
                 float* dy, double* total) {
  const double sum = block_sum(rows, [=](std::int64_t r) {
    const std::int32_t label = classes[r];
    if (label < 0) return 0.0;
    dy[r * dim + label] = -1.0F;
    return static_cast<double>(y[r * dim + label]);
  });
  if (threadIdx.x == 0) *total = -sum;
}

}  // namespace

void add_bias(cudaStream_t stream, ConstTensorView bias, TensorView x) {
  for_each_cell(stream, x.rows(), x.dim(), AddBias{bias.data, x.data, x.dim()});
}

void scale_and_shift(cudaStream_t stream, ConstTensorView x, ConstTensorView factor,
                     ConstTensorView offset, TensorView y) {
  for_each_cell(stream, x.rows(), x.dim(),
                ScaleAndShift{x.data, factor.data, offset.data, y.data, x.dim()});
}

void scale_shift_and_add(cudaStream_t stream, const BypassedScaling& scaling,
                         ConstTensorView bypass, TensorView y) {
  for_each_cell(stream, y.rows(), y.dim(), ScaleShiftAndAdd{scaling, bypass.data, y.data, y.dim()});
}

void transpose(cudaStream_t stream, ConstTensorView x, TensorView y, Accumulate accumulate) {
  for_each_cell(stream, y.rows(), y.dim(),
                Transposition{x.data, y.data, y.rows(), y.dim(), accumulate == Accumulate::kYes});
}

void log_softmax(cudaStream_t stream, ConstTensorView x, TensorView y) {
  launch(stream, warp_grid(x.rows()), log_softmax_rows, x.data, y.data, x.rows(), x.dim());
}

void log_softmax_backward(cudaStream_t stream, ConstTensorView y, ConstTensorView dy,
                          TensorView dx) {
  launch(stream, warp_grid(y.rows()), log_softmax_backward_rows, y.data, dy.data, dx.data, y.rows(),
         y.dim());
}

void rms_normalize(cudaStream_t stream, float target_rms, ConstTensorView x, TensorView y) {
  launch(stream, warp_grid(x.rows()), rms_normalize_rows, target_rms, x.data, y.data, x.rows(),
         x.dim());
}

void rms_normalize_backward(cudaStream_t stream, float target_rms, ConstTensorView x,
                            ConstTensorView dy, TensorView dx) {
  launch(stream, warp_grid(x.rows()), rms_normalize_backward_rows, target_rms, x.data, dy.data,
         dx.data, x.rows(), x.dim());
}

void select_columns(cudaStream_t stream, ConstTensorView x, const std::int32_t* columns,
                    TensorView y) {
  for_each_cell(stream, y.rows(), y.dim(),
                ColumnSelection{x.data, columns, y.data, x.dim(), y.dim()});
}

void negative_log_likelihood(cudaStream_t stream, ConstTensorView y, const std::int32_t* classes,
                             TensorView dy, double* total) {
  fill(stream, 0.0F, dy);
  launch(stream, {1, kSumThreads}, pick_classes, y.data, classes, y.rows(), y.dim(), dy.data,
         total);
}

}  // namespace harpy::cuda

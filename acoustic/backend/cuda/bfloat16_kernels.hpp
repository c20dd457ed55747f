#pragma once

#include <cuda_runtime_api.h>

#include <cstdint>

#include "acoustic/backend/tensor.hpp"

namespace harpy::cuda {

/// A matrix of bfloat16 values; its type is that of their bits.
struct Bfloat16Matrix {
  std::uint16_t* data = nullptr;
  std::int64_t rows = 0, dim = 0;
};

/// y = x rounded to bfloat16, with zeros in the rows and columns that y has beyond those of x. A
/// step of the stream. Shapes: x [R, D]; y [R', D'], R' >= R, D' >= D and even, data at a multiple
/// of 4 bytes. Cost: one pass over both. Errors: DeviceError.
void round_to_bfloat16(cudaStream_t stream, ConstTensorView x, const Bfloat16Matrix& y);

}  // namespace harpy::cuda

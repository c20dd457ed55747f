#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <tuple>

#include "acoustic/backend/cuda/library_handles.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/backend/product.hpp"

namespace harpy::cuda {

/// Computes products by cuBLASLt in float32, each sum by one block in one order: algorithms that
/// split the inner extent are left out. The algorithm is cuBLASLt's first choice for the shape and
/// stays the same as long as the object lives; so do results, bit for bit.
class Products {
 public:
  /// With `tensor_float_32` factors are rounded to 11 significant bits, sums stay float32.
  Products(std::shared_ptr<DeviceMemory> memory, bool tensor_float_32);

  /// A step of the stream, which must be that of the memory. Errors: cuda::Error.
  void multiply(cudaStream_t stream, const Product& product);

 private:
  /// What cuBLASLt knows of a shape.
  struct Plan {
    ProductDescriptor descriptor;
    MatrixLayout a, b, c;
    cublasLtMatmulAlgo_t algorithm{};
  };
  /// Extents, transpositions and alignment: what an algorithm is chosen by.
  using Key = std::tuple<std::int64_t, std::int64_t, std::int64_t, bool, bool, std::uint32_t>;

  Plan make_plan(const Product& product, std::uint32_t alignment_bytes) const;
  cublasLtMatmulAlgo_t choose_algorithm(const Product& product, const Plan& plan,
                                        std::uint32_t alignment_bytes) const;

  BlasHandle handle_;
  cublasComputeType_t compute_type_;
  DeviceBuffer<std::byte> workspace_;  ///< used by one step of the stream after the other
  std::map<Key, Plan> plans_;
};

}  // namespace harpy::cuda

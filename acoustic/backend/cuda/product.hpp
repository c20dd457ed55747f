#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>

#include "acoustic/backend/cuda/library_handles.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/backend/precision.hpp"
#include "acoustic/backend/product.hpp"
#include "acoustic/backend/tensor.hpp"

namespace harpy::cuda {

/// Computes products by cuBLASLt in float32, each sum in one order: an algorithm may split the
/// inner extent only if it keeps the parts in float32 and adds them up at the end. The algorithm is
/// cuBLASLt's first choice for the shape and stays the same as long as the object lives; so do
/// results, bit for bit.
class Products {
 public:
  explicit Products(std::shared_ptr<DeviceMemory> memory);

  /// Rounds the factors to the precision and multiplies them, as a step of the stream, which must
  /// be that of the memory; bias and relu are part of the product's kernel. Errors: DeviceError.
  void multiply(cudaStream_t stream, const Product& product, Precision precision);
  /// A second factor [inner, columns] in bfloat16, as Product::rounded_b has it.
  DeviceBuffer<std::uint16_t> rounded_weight(cudaStream_t stream, ConstTensorView weight) const;

 private:
  /// Multiples of bytes at which vectors may be read or written.
  struct Alignment {
    std::uint32_t factors_bytes, result_bytes;

    // clang-tidy 14 takes the operator's 0 for a pointer.
    auto operator<=>(const Alignment&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  /// What an algorithm is chosen by.
  struct Key {
    std::int64_t rows, columns, inner;
    bool transpose_a, transpose_b;
    bool has_bias, has_relu;
    Precision precision;
    Alignment alignment;

    auto operator<=>(const Key&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  /// What cuBLASLt has been told of a shape, and the algorithm chosen for it.
  struct Plan {
    ProductDescriptor descriptor;
    MatrixLayout a, b, c;
    cublasLtMatmulAlgo_t algorithm{};
  };

  /// A factor as it stands in memory, [rows, dim], as bfloat16 with rows filled up to whole vectors
  /// and zeros in rows up to `filled_rows`.
  DeviceBuffer<std::uint16_t> rounded(cudaStream_t stream, ConstTensorView factor,
                                      std::int64_t filled_rows) const;
  /// The plan's product of factors that are the product's or copies of them.
  void carry_out(cudaStream_t stream, const Product& product, const void* a, const void* b,
                 const Plan& plan);
  const Plan& plan_of(const Product& product, Precision precision, const Alignment& alignment);
  Plan make_plan(const Key& key, const float* bias) const;
  cublasLtMatmulAlgo_t choose_algorithm(const Key& key, const Plan& plan) const;

  std::shared_ptr<DeviceMemory> memory_;
  BlasHandle handle_;
  DeviceBuffer<std::byte> workspace_;  ///< used by one step of the stream after the other
  std::map<Key, Plan> plans_;
};

}  // namespace harpy::cuda

#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <memory>

#include "acoustic/backend/cuda/library_handles.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/backend/precision.hpp"
#include "acoustic/backend/product.hpp"

namespace harpy::cuda {

/// Computes products by cuBLASLt in float32, each sum by one block in one order: algorithms that
/// split the inner extent are left out. The algorithm is cuBLASLt's first choice for the shape and
/// stays the same as long as the object lives; so do results, bit for bit.
///
/// With Precision::kBfloat16 the factors are rounded into copies whose rows and inner extent are
/// filled up with zeros to multiples of 16 bytes, so that tensor cores take every shape alike.
class Products {
 public:
  Products(std::shared_ptr<DeviceMemory> memory, Precision precision);

  /// A step of the stream, which must be that of the memory. Errors: cuda::Error.
  void multiply(cudaStream_t stream, const Product& product);

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
    Alignment alignment;

    auto operator<=>(const Key&) const = default;  // NOLINT(modernize-use-nullptr)
  };
  /// What cuBLASLt knows of a shape.
  struct Plan {
    ProductDescriptor descriptor;
    MatrixLayout a, b, c;
    cublasLtMatmulAlgo_t algorithm{};
  };

  bool is_rounded() const { return precision_ == Precision::kBfloat16; }
  /// Values from row to row of a factor, and the inner extent that is multiplied.
  std::int64_t filled_up(std::int64_t extent) const;
  /// A factor as it stands in memory, [rows, dim], with zeros in rows up to `filled_rows`.
  DeviceBuffer<std::uint16_t> rounded(cudaStream_t stream, ConstTensorView factor,
                                      std::int64_t filled_rows) const;
  /// `a` and `b` are those of the product or copies of them.
  void carry_out(cudaStream_t stream, const Product& product, const void* a, const void* b);
  Plan make_plan(const Product& product, const Alignment& alignment) const;
  cublasLtMatmulAlgo_t choose_algorithm(const Product& product, const Plan& plan,
                                        const Alignment& alignment) const;

  std::shared_ptr<DeviceMemory> memory_;
  Precision precision_;
  BlasHandle handle_;
  DeviceBuffer<std::byte> workspace_;  ///< used by one step of the stream after the other
  std::map<Key, Plan> plans_;
};

}  // namespace harpy::cuda

// cuBLASLt's calls: products by oneDNN, after a look at what was said of the operands.

#include <cublasLt.h>
#include <dnnl.h>
#include <omp.h>

#include <bit>
#include <cstring>
#include <vector>

#include "acoustic/backend/cuda/blas_library.hpp"
#include "tests/support/cuda_emulation/address_sanitizer.hpp"
#include "tests/support/cuda_emulation/device.hpp"

struct cublasLtContext {};
struct cublasLtMatmulDescOpaque_t {
  bool transpose_a = false, transpose_b = false;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const float* bias = nullptr;
};
struct cublasLtMatrixLayoutOpaque_t {
  cudaDataType_t type;
  std::int64_t rows, columns;  ///< column-major
  std::int64_t stride;         ///< values from column to column
};
struct cublasLtMatmulPreferenceOpaque_t {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t boundaries_bytes[4] = {256, 256, 256, 256};  ///< of a, b, c, d
  std::uint32_t reductions = CUBLASLT_REDUCTION_SCHEME_MASK;
};

namespace harpy::cuda_emulation {
namespace {

using Layout = cublasLtMatrixLayoutOpaque_t;

/// What the emulation's only algorithm counts on, kept in cublasLtMatmulAlgo_t.
struct Algorithm {
  std::uint32_t boundaries_bytes[4];
  std::uint64_t workspace_bytes;
};
static_assert(sizeof(Algorithm) <= sizeof(cublasLtMatmulAlgo_t));
constexpr std::uint64_t kProductBytes = 1024;

std::size_t value_bytes(const Layout& layout) {
  return layout.type == CUDA_R_16BF ? sizeof(std::uint16_t) : sizeof(float);
}

std::size_t size_bytes(const Layout& layout) {
  return static_cast<std::size_t>((layout.columns - 1) * layout.stride + layout.rows) *
         value_bytes(layout);
}

bool is_on_boundary(const void* data, std::uint32_t bytes) {
  return reinterpret_cast<std::uintptr_t>(data) % bytes == 0;
}

/// The matrix in float32, columns next to one another.
std::vector<float> values_of(const void* data, const Layout& layout) {
  std::vector<float> values;
  values.reserve(static_cast<std::size_t>(layout.rows * layout.columns));
  for (std::int64_t column = 0; column < layout.columns; ++column) {
    for (std::int64_t row = 0; row < layout.rows; ++row) {
      const std::int64_t i = column * layout.stride + row;
      if (layout.type == CUDA_R_32F) {
        values.push_back(static_cast<const float*>(data)[i]);
      } else {
        const std::uint32_t bits = static_cast<const std::uint16_t*>(data)[i];
        values.push_back(std::bit_cast<float>(bits << 16));
      }
    }
  }
  return values;
}

/// A call of cublasLtMatmul.
struct Product {
  bool transpose_a, transpose_b;
  Layout a_layout, b_layout, c_layout;
  const void *a, *b;
  void* c;
  float alpha, beta;
  cublasLtEpilogue_t epilogue;
  const float* bias;

  bool has_bias() const { return (epilogue & CUBLASLT_EPILOGUE_BIAS) != 0; }
  bool has_relu() const { return (epilogue & CUBLASLT_EPILOGUE_RELU) != 0; }
  std::int64_t rows() const { return transpose_a ? a_layout.columns : a_layout.rows; }
  std::int64_t inner() const { return transpose_a ? a_layout.rows : a_layout.columns; }

  bool is_consistent() const {
    const std::int64_t b_inner = transpose_b ? b_layout.columns : b_layout.rows;
    const std::int64_t columns = transpose_b ? b_layout.rows : b_layout.columns;
    return b_inner == inner() && c_layout.rows == rows() && c_layout.columns == columns &&
           a_layout.type == b_layout.type && c_layout.type == CUDA_R_32F &&
           has_bias() == (bias != nullptr);
  }

  std::string carry_out() const {
    if (!is_allowed(a, size_bytes(a_layout)) || !is_allowed(b, size_bytes(b_layout)) ||
        !is_allowed(c, size_bytes(c_layout)) ||
        (has_bias() && !is_allowed(bias, static_cast<std::size_t>(rows()) * sizeof(float)))) {
      return "a product of matrices beyond their memory";
    }
    const std::vector<float> left = values_of(a, a_layout), right = values_of(b, b_layout);
    // More threads would wait for one another most of the time, the products being small.
    const int threads = omp_get_max_threads();
    omp_set_num_threads(1);
    // A column-major matrix is its transpose in rows, as oneDNN has it.
    const dnnl_status_t status =
        dnnl_sgemm(transpose_b ? 'T' : 'N', transpose_a ? 'T' : 'N', c_layout.columns,
                   c_layout.rows, inner(), alpha, right.data(), b_layout.rows, left.data(),
                   a_layout.rows, beta, static_cast<float*>(c), c_layout.stride);
    omp_set_num_threads(threads);
    if (status != dnnl_success) return "oneDNN refuses a product";
    for (std::int64_t column = 0; column < c_layout.columns; ++column) {
      finish(static_cast<float*>(c) + column * c_layout.stride);
    }
    return "";
  }

  /// The epilogue of a column of the result.
  void finish(float* column) const {
    for (std::int64_t row = 0; row < rows(); ++row) {
      if (has_bias()) column[row] += bias[row];
      if (has_relu() && !(column[row] > 0.0F)) column[row] = 0.0F;
    }
  }
};

template <typename T>
bool take_value(T& target, const void* value, std::size_t size_bytes) {
  if (size_bytes != sizeof(T)) return false;
  std::memcpy(&target, value, sizeof(T));
  return true;
}

bool set_operation(bool& transpose, const void* value, std::size_t size_bytes) {
  cublasOperation_t operation{};
  if (!take_value(operation, value, size_bytes)) return false;
  transpose = operation == CUBLAS_OP_T;
  return operation == CUBLAS_OP_T || operation == CUBLAS_OP_N;
}

}  // namespace
}  // namespace harpy::cuda_emulation

namespace emulation = harpy::cuda_emulation;

const char* cublasLtGetStatusName(cublasStatus_t /*status*/) { return "emulated status"; }
const char* cublasLtGetStatusString(cublasStatus_t /*status*/) { return "emulated cuBLASLt"; }

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = new cublasLtContext;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle) {
  delete handle;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout, cudaDataType_t type,
                                          std::uint64_t rows, std::uint64_t columns,
                                          std::int64_t stride) {
  if (rows == 0 || columns == 0 || stride < static_cast<std::int64_t>(rows)) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  *layout = new cublasLtMatrixLayoutOpaque_t{type, static_cast<std::int64_t>(rows),
                                             static_cast<std::int64_t>(columns), stride};
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete layout;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* descriptor,
                                        cublasComputeType_t /*compute*/, cudaDataType_t scale) {
  if (scale != CUDA_R_32F) return CUBLAS_STATUS_INVALID_VALUE;
  *descriptor = new cublasLtMatmulDescOpaque_t;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t descriptor,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value, std::size_t size_bytes) {
  const auto fits = [&]() -> bool {
    switch (attribute) {
      case CUBLASLT_MATMUL_DESC_TRANSA:
        return emulation::set_operation(descriptor->transpose_a, value, size_bytes);
      case CUBLASLT_MATMUL_DESC_TRANSB:
        return emulation::set_operation(descriptor->transpose_b, value, size_bytes);
      case CUBLASLT_MATMUL_DESC_EPILOGUE:
        return emulation::take_value(descriptor->epilogue, value, size_bytes);
      case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
        return emulation::take_value(descriptor->bias, value, size_bytes);
    }
    return false;
  };
  return fits() ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_INVALID_VALUE;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t descriptor) {
  delete descriptor;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = new cublasLtMatmulPreferenceOpaque_t;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, std::size_t size_bytes) {
  if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) {
    if (size_bytes != sizeof(preference->workspace_bytes)) return CUBLAS_STATUS_INVALID_VALUE;
    std::memcpy(&preference->workspace_bytes, value, size_bytes);
    return CUBLAS_STATUS_SUCCESS;
  }
  if (size_bytes != sizeof(std::uint32_t)) return CUBLAS_STATUS_INVALID_VALUE;
  if (attribute == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK) {
    std::memcpy(&preference->reductions, value, size_bytes);
  } else {
    std::memcpy(
        &preference->boundaries_bytes[attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES],
        value, size_bytes);
  }
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete preference;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(
    cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t /*descriptor*/, cublasLtMatrixLayout_t a,
    cublasLtMatrixLayout_t b, cublasLtMatrixLayout_t /*c*/, cublasLtMatrixLayout_t /*d*/,
    cublasLtMatmulPreference_t preference, int most, cublasLtMatmulHeuristicResult_t* results,
    int* count) {
  if (most < 1 || a->type != b->type || preference->workspace_bytes < emulation::kProductBytes) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  // Its sums would be made in an order or rounded in a way of its own from run to run.
  if ((preference->reductions & ~std::uint32_t{CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE}) != 0) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  emulation::Algorithm algorithm{};
  std::memcpy(algorithm.boundaries_bytes, preference->boundaries_bytes,
              sizeof(algorithm.boundaries_bytes));
  algorithm.workspace_bytes = emulation::kProductBytes;
  results[0] = {
      .algo = {}, .workspaceSize = algorithm.workspace_bytes, .state = CUBLAS_STATUS_SUCCESS};
  std::memcpy(&results[0].algo, &algorithm, sizeof(algorithm));
  *count = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t /*handle*/, cublasLtMatmulDesc_t descriptor,
                              const void* alpha, const void* a, cublasLtMatrixLayout_t a_layout,
                              const void* b, cublasLtMatrixLayout_t b_layout, const void* beta,
                              const void* c, cublasLtMatrixLayout_t c_layout, void* d,
                              cublasLtMatrixLayout_t /*d_layout*/,
                              const cublasLtMatmulAlgo_t* algorithm, void* /*workspace*/,
                              std::size_t workspace_bytes, cudaStream_t stream) {
  emulation::Algorithm counts_on{};
  std::memcpy(&counts_on, algorithm, sizeof(counts_on));
  const emulation::Product product{.transpose_a = descriptor->transpose_a,
                                   .transpose_b = descriptor->transpose_b,
                                   .a_layout = *a_layout,
                                   .b_layout = *b_layout,
                                   .c_layout = *c_layout,
                                   .a = a,
                                   .b = b,
                                   .c = d,
                                   .alpha = *static_cast<const float*>(alpha),
                                   .beta = *static_cast<const float*>(beta),
                                   .epilogue = descriptor->epilogue,
                                   .bias = descriptor->bias};
  if (!product.is_consistent() || c != d || workspace_bytes < counts_on.workspace_bytes ||
      !emulation::is_on_boundary(a, counts_on.boundaries_bytes[0]) ||
      !emulation::is_on_boundary(b, counts_on.boundaries_bytes[1]) ||
      !emulation::is_on_boundary(d, counts_on.boundaries_bytes[3])) {
    return CUBLAS_STATUS_INVALID_VALUE;
  }
  const cudaError_t status = emulation::on_device([&](emulation::Device& device) {
    return device.give_computation(stream, [product] { return product.carry_out(); });
  });
  return status == cudaSuccess ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_EXECUTION_FAILED;
}

namespace harpy::cuda {

const BlasLibrary& blas() {
  static const BlasLibrary kLibrary{
      .create = cublasLtCreate,
      .destroy = cublasLtDestroy,
      .get_status_name = cublasLtGetStatusName,
      .get_status_string = cublasLtGetStatusString,
      .matmul = cublasLtMatmul,
      .matmul_algo_get_heuristic = cublasLtMatmulAlgoGetHeuristic,
      .matmul_desc_create = cublasLtMatmulDescCreate,
      .matmul_desc_destroy = cublasLtMatmulDescDestroy,
      .matmul_desc_set_attribute = cublasLtMatmulDescSetAttribute,
      .matmul_preference_create = cublasLtMatmulPreferenceCreate,
      .matmul_preference_destroy = cublasLtMatmulPreferenceDestroy,
      .matmul_preference_set_attribute = cublasLtMatmulPreferenceSetAttribute,
      .matrix_layout_create = cublasLtMatrixLayoutCreate,
      .matrix_layout_destroy = cublasLtMatrixLayoutDestroy};
  return kLibrary;
}

}  // namespace harpy::cuda

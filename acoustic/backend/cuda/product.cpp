#include "acoustic/backend/cuda/product.hpp"

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include "acoustic/backend/cuda/bfloat16_kernels.hpp"
#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

/// The size that NVIDIA advises for its recent devices.
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

constexpr float kUnscaled = 1.0F;

/// The inner extent of factors in bfloat16 and their values from row to row, so that tensor cores
/// take every shape in vectors of 16 bytes.
std::int64_t filled_up(std::int64_t extent) { return (extent + 7) / 8 * 8; }

/// Whether vectors of 16 bytes may be read at all addresses.
std::uint32_t common_alignment(std::initializer_list<const void*> addresses) {
  std::uintptr_t bits = 0;
  for (const void* address : addresses) bits |= reinterpret_cast<std::uintptr_t>(address);
  return bits % 16 == 0 ? 16 : sizeof(float);
}

/// A matrix of row-major memory as cuBLAS sees it: its transpose, column-major.
struct StoredMatrix {
  cudaDataType_t type;
  std::int64_t rows, dim;
  std::int64_t stride;  ///< values from row to row
};

MatrixLayout make_layout(const StoredMatrix& matrix) {
  return made_by<MatrixLayout>([&](cublasLtMatrixLayout_t* layout) {
    return blas().matrix_layout_create(layout, matrix.type, static_cast<std::uint64_t>(matrix.dim),
                                       static_cast<std::uint64_t>(matrix.rows), matrix.stride);
  });
}

void set(const ProductDescriptor& descriptor, cublasLtMatmulDescAttributes_t attribute,
         const auto& value) {
  check(blas().matmul_desc_set_attribute(descriptor.get(), attribute, &value, sizeof(value)));
}

cublasOperation_t operation_of(bool transpose) { return transpose ? CUBLAS_OP_T : CUBLAS_OP_N; }

/// What a product's kernel does to its sums. A row of ours is a column of cuBLAS's matrix, so that
/// its bias, with a value for each of its rows, is ours.
cublasLtEpilogue_t epilogue_of(bool has_bias, bool has_relu) {
  if (has_bias) return has_relu ? CUBLASLT_EPILOGUE_RELU_BIAS : CUBLASLT_EPILOGUE_BIAS;
  return has_relu ? CUBLASLT_EPILOGUE_RELU : CUBLASLT_EPILOGUE_DEFAULT;
}

void set_preference(const ProductPreference& preference,
                    cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
  check(blas().matmul_preference_set_attribute(preference.get(), attribute, &value, sizeof(value)));
}

}  // namespace

Products::Products(std::shared_ptr<DeviceMemory> memory)
    : memory_(std::move(memory)),
      handle_(made_by<BlasHandle>(blas().create)),
      workspace_(memory_, kWorkspaceBytes) {}

void Products::multiply(cudaStream_t stream, const Product& p, Precision precision) {
  if (precision != Precision::kBfloat16) {
    const std::uint32_t bytes = common_alignment({p.a, p.b, p.c, p.bias});
    carry_out(stream, p, p.a, p.b, plan_of(p, precision, {bytes, bytes}));
    return;
  }
  const std::int64_t inner = filled_up(p.inner);
  const auto a = p.transpose_a ? rounded(stream, {p.a, {p.inner, p.rows}}, inner)
                               : rounded(stream, {p.a, {p.rows, p.inner}}, p.rows);
  DeviceBuffer<std::uint16_t> own_b;
  if (p.rounded_b == nullptr) {
    own_b = p.transpose_b ? rounded(stream, {p.b, {p.columns, p.inner}}, p.columns)
                          : rounded_weight(stream, {p.b, {p.inner, p.columns}});
  }
  const std::uint16_t* const b = p.rounded_b == nullptr ? own_b.data() : p.rounded_b;
  const Alignment alignment{common_alignment({a.data(), b}), common_alignment({p.c, p.bias})};
  carry_out(stream, p, a.data(), b, plan_of(p, precision, alignment));
}

DeviceBuffer<std::uint16_t> Products::rounded_weight(cudaStream_t stream,
                                                     ConstTensorView weight) const {
  return rounded(stream, weight, filled_up(weight.rows()));
}

DeviceBuffer<std::uint16_t> Products::rounded(cudaStream_t stream, ConstTensorView factor,
                                              std::int64_t filled_rows) const {
  const std::int64_t dim = filled_up(factor.dim());
  DeviceBuffer<std::uint16_t> copy(memory_, static_cast<std::size_t>(filled_rows * dim));
  round_to_bfloat16(stream, factor, {copy.data(), filled_rows, dim});
  return copy;
}

void Products::carry_out(cudaStream_t stream, const Product& product, const void* a, const void* b,
                         const Plan& plan) {
  if (product.bias != nullptr) {
    set(plan.descriptor, CUBLASLT_MATMUL_DESC_BIAS_POINTER, product.bias);
  }
  // cuBLAS's matrices are column-major, ours are their transposes: c' = op(b)' op(a)'.
  check(blas().matmul(handle_.get(), plan.descriptor.get(), &kUnscaled, b, plan.b.get(), a,
                      plan.a.get(), &product.beta, product.c, plan.c.get(), product.c, plan.c.get(),
                      &plan.algorithm, workspace_.data(), workspace_.size(), stream));
}

const Products::Plan& Products::plan_of(const Product& product, Precision precision,
                                        const Alignment& alignment) {
  const Key key{.rows = product.rows,
                .columns = product.columns,
                .inner = product.inner,
                .transpose_a = product.transpose_a,
                .transpose_b = product.transpose_b,
                .has_bias = product.bias != nullptr,
                .has_relu = product.has_relu,
                .precision = precision,
                .alignment = alignment};
  const auto found = plans_.find(key);
  if (found != plans_.end()) return found->second;
  return plans_.emplace(key, make_plan(key, product.bias)).first->second;
}

Products::Plan Products::make_plan(const Key& key, const float* bias) const {
  const bool is_bfloat16 = key.precision == Precision::kBfloat16;
  const auto factor_layout = [&](std::int64_t rows, std::int64_t dim) {
    return is_bfloat16 ? make_layout({CUDA_R_16BF, rows, dim, filled_up(dim)})
                       : make_layout({CUDA_R_32F, rows, dim, dim});
  };
  Plan plan;
  plan.descriptor = made_by<ProductDescriptor>([&](cublasLtMatmulDesc_t* descriptor) {
    return blas().matmul_desc_create(descriptor,
                                     key.precision == Precision::kTensorFloat32
                                         ? CUBLAS_COMPUTE_32F_FAST_TF32
                                         : CUBLAS_COMPUTE_32F,
                                     CUDA_R_32F);
  });
  set(plan.descriptor, CUBLASLT_MATMUL_DESC_TRANSA, operation_of(key.transpose_b));
  set(plan.descriptor, CUBLASLT_MATMUL_DESC_TRANSB, operation_of(key.transpose_a));
  set(plan.descriptor, CUBLASLT_MATMUL_DESC_EPILOGUE, epilogue_of(key.has_bias, key.has_relu));
  if (key.has_bias) set(plan.descriptor, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
  const std::int64_t inner = is_bfloat16 ? filled_up(key.inner) : key.inner;
  plan.a = key.transpose_a ? factor_layout(inner, key.rows) : factor_layout(key.rows, inner);
  plan.b = key.transpose_b ? factor_layout(key.columns, inner) : factor_layout(inner, key.columns);
  plan.c = make_layout({CUDA_R_32F, key.rows, key.columns, key.columns});
  plan.algorithm = choose_algorithm(key, plan);
  return plan;
}

cublasLtMatmulAlgo_t Products::choose_algorithm(const Key& key, const Plan& plan) const {
  const auto preference = made_by<ProductPreference>(blas().matmul_preference_create);
  set_preference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                 std::uint64_t{kWorkspaceBytes});
  // Parts of a sum are kept apart and added up at the end, in one order.
  set_preference(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                 static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES}) {
    set_preference(preference, attribute, key.alignment.factors_bytes);
  }
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    set_preference(preference, attribute, key.alignment.result_bytes);
  }
  std::array<cublasLtMatmulHeuristicResult_t, 8> results{};
  int count = 0;
  const cublasStatus_t status = blas().matmul_algo_get_heuristic(
      handle_.get(), plan.descriptor.get(), plan.b.get(), plan.a.get(), plan.c.get(), plan.c.get(),
      preference.get(), static_cast<int>(results.size()), results.data(), &count);
  if (status != CUBLAS_STATUS_NOT_SUPPORTED) check(status);
  for (int i = 0; i < count; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    if (result.state == CUBLAS_STATUS_SUCCESS) return result.algo;
  }
  throw error_at(DeviceErrorKind::kOther,
                 "cuBLAS has no algorithm for a product [" + std::to_string(key.rows) + ", " +
                     std::to_string(key.inner) + "] x [" + std::to_string(key.inner) + ", " +
                     std::to_string(key.columns) + "]");
}

}  // namespace harpy::cuda

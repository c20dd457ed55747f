#include "acoustic/backend/cuda/product.hpp"

#include <array>
#include <initializer_list>
#include <string>
#include <utility>

#include "acoustic/backend/cuda/bfloat16_kernels.hpp"
#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

/// As NVIDIA advises for its recent devices.
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

constexpr float kOne = 1.0F;

/// What rows of rounded factors are filled up to, in values: 16 bytes.
constexpr std::int64_t kFilledValues = 8;

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
    return cublasLtMatrixLayoutCreate(layout, matrix.type, static_cast<std::uint64_t>(matrix.dim),
                                      static_cast<std::uint64_t>(matrix.rows), matrix.stride);
  });
}

void set_transposition(const ProductDescriptor& descriptor,
                       cublasLtMatmulDescAttributes_t attribute, bool transpose) {
  const cublasOperation_t operation = transpose ? CUBLAS_OP_T : CUBLAS_OP_N;
  check(cublasLtMatmulDescSetAttribute(descriptor.get(), attribute, &operation, sizeof(operation)));
}

void set_preference(const ProductPreference& preference,
                    cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
  check(cublasLtMatmulPreferenceSetAttribute(preference.get(), attribute, &value, sizeof(value)));
}

/// Whether an algorithm splits the inner extent; some know no such setting.
bool is_split(const cublasLtMatmulAlgo_t& algorithm) {
  std::int32_t count = 0;
  std::size_t written = 0;
  return cublasLtMatmulAlgoConfigGetAttribute(&algorithm, CUBLASLT_ALGO_CONFIG_SPLITK_NUM, &count,
                                              sizeof(count), &written) == CUBLAS_STATUS_SUCCESS &&
         count > 1;
}

}  // namespace

Products::Products(std::shared_ptr<DeviceMemory> memory, Precision precision)
    : memory_(std::move(memory)),
      precision_(precision),
      handle_(made_by<BlasHandle>(cublasLtCreate)),
      workspace_(memory_, kWorkspaceBytes) {}

void Products::multiply(cudaStream_t stream, const Product& p) {
  if (!is_rounded()) {
    carry_out(stream, p, p.a, p.b);
    return;
  }
  const std::int64_t inner = filled_up(p.inner);
  const auto a = p.transpose_a ? rounded(stream, {p.a, {p.inner, p.rows}}, inner)
                               : rounded(stream, {p.a, {p.rows, p.inner}}, p.rows);
  const auto b = p.transpose_b ? rounded(stream, {p.b, {p.columns, p.inner}}, p.columns)
                               : rounded(stream, {p.b, {p.inner, p.columns}}, inner);
  carry_out(stream, p, a.data(), b.data());
}

std::int64_t Products::filled_up(std::int64_t extent) const {
  return is_rounded() ? (extent + kFilledValues - 1) / kFilledValues * kFilledValues : extent;
}

DeviceBuffer<std::uint16_t> Products::rounded(cudaStream_t stream, ConstTensorView factor,
                                              std::int64_t filled_rows) const {
  const std::int64_t dim = filled_up(factor.dim());
  DeviceBuffer<std::uint16_t> copy(memory_, static_cast<std::size_t>(filled_rows * dim));
  round_to_bfloat16(stream, factor, {copy.data(), filled_rows, dim});
  return copy;
}

void Products::carry_out(cudaStream_t stream, const Product& product, const void* a,
                         const void* b) {
  // In float32 all three arrays share a choice, as they often share the memory.
  const Alignment alignment =
      is_rounded()
          ? Alignment{common_alignment({a, b}), common_alignment({product.c})}
          : Alignment{common_alignment({a, b, product.c}), common_alignment({a, b, product.c})};
  const Key key{.rows = product.rows,
                .columns = product.columns,
                .inner = product.inner,
                .transpose_a = product.transpose_a,
                .transpose_b = product.transpose_b,
                .alignment = alignment};
  auto found = plans_.find(key);
  if (found == plans_.end()) found = plans_.emplace(key, make_plan(product, alignment)).first;
  const Plan& plan = found->second;
  // cuBLAS's matrices are column-major, ours are their transposes: c' = op(b)' op(a)'.
  check(cublasLtMatmul(handle_.get(), plan.descriptor.get(), &kOne, b, plan.b.get(), a,
                       plan.a.get(), &product.beta, product.c, plan.c.get(), product.c,
                       plan.c.get(), &plan.algorithm, workspace_.data(), workspace_.size(),
                       stream));
}

Products::Plan Products::make_plan(const Product& product, const Alignment& alignment) const {
  const auto compute_type =
      precision_ == Precision::kTensorFloat32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
  const auto factor_layout = [&](std::int64_t rows, std::int64_t dim) {
    return make_layout({is_rounded() ? CUDA_R_16BF : CUDA_R_32F, rows, dim, filled_up(dim)});
  };
  Plan plan;
  plan.descriptor = made_by<ProductDescriptor>([&](cublasLtMatmulDesc_t* descriptor) {
    return cublasLtMatmulDescCreate(descriptor, compute_type, CUDA_R_32F);
  });
  set_transposition(plan.descriptor, CUBLASLT_MATMUL_DESC_TRANSA, product.transpose_b);
  set_transposition(plan.descriptor, CUBLASLT_MATMUL_DESC_TRANSB, product.transpose_a);
  const std::int64_t inner = filled_up(product.inner);
  plan.a =
      product.transpose_a ? factor_layout(inner, product.rows) : factor_layout(product.rows, inner);
  plan.b = product.transpose_b ? factor_layout(product.columns, inner)
                               : factor_layout(inner, product.columns);
  plan.c = make_layout({CUDA_R_32F, product.rows, product.columns, product.columns});
  plan.algorithm = choose_algorithm(product, plan, alignment);
  return plan;
}

cublasLtMatmulAlgo_t Products::choose_algorithm(const Product& product, const Plan& plan,
                                                const Alignment& alignment) const {
  const auto preference = made_by<ProductPreference>(cublasLtMatmulPreferenceCreate);
  set_preference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                 std::uint64_t{kWorkspaceBytes});
  set_preference(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                 static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE));
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES}) {
    set_preference(preference, attribute, alignment.factors_bytes);
  }
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    set_preference(preference, attribute, alignment.result_bytes);
  }
  std::array<cublasLtMatmulHeuristicResult_t, 8> results{};
  int count = 0;
  const cublasStatus_t status = cublasLtMatmulAlgoGetHeuristic(
      handle_.get(), plan.descriptor.get(), plan.b.get(), plan.a.get(), plan.c.get(), plan.c.get(),
      preference.get(), static_cast<int>(results.size()), results.data(), &count);
  if (status != CUBLAS_STATUS_NOT_SUPPORTED) check(status);
  for (int i = 0; i < count; ++i) {
    const auto& result = results[static_cast<std::size_t>(i)];
    if (result.state == CUBLAS_STATUS_SUCCESS && !is_split(result.algo)) return result.algo;
  }
  throw error_at(ErrorKind::kOther,
                 "cuBLAS has no algorithm without a split for a product [" +
                     std::to_string(product.rows) + ", " + std::to_string(product.inner) + "] x [" +
                     std::to_string(product.inner) + ", " + std::to_string(product.columns) + "]");
}

}  // namespace harpy::cuda

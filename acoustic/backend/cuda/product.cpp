#include "acoustic/backend/cuda/product.hpp"

#include <array>
#include <string>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

/// As NVIDIA advises for its recent devices.
constexpr std::size_t kWorkspaceBytes = std::size_t{32} << 20;

constexpr float kOne = 1.0F;

/// Whether vectors of 16 bytes may be read at all three arrays.
std::uint32_t common_alignment(const Product& product) {
  const auto bits = reinterpret_cast<std::uintptr_t>(product.a) |
                    reinterpret_cast<std::uintptr_t>(product.b) |
                    reinterpret_cast<std::uintptr_t>(product.c);
  return bits % 16 == 0 ? 16 : sizeof(float);
}

MatrixLayout make_layout(std::int64_t rows, std::int64_t columns) {
  return made_by<MatrixLayout>([&](cublasLtMatrixLayout_t* layout) {
    return cublasLtMatrixLayoutCreate(layout, CUDA_R_32F, static_cast<std::uint64_t>(rows),
                                      static_cast<std::uint64_t>(columns), rows);
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

Products::Products(std::shared_ptr<DeviceMemory> memory, bool tensor_float_32)
    : handle_(made_by<BlasHandle>(cublasLtCreate)),
      compute_type_(tensor_float_32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F),
      workspace_(std::move(memory), kWorkspaceBytes) {}

void Products::multiply(cudaStream_t stream, const Product& product) {
  const std::uint32_t alignment_bytes = common_alignment(product);
  const Key key{product.rows,        product.columns,     product.inner,
                product.transpose_a, product.transpose_b, alignment_bytes};
  auto found = plans_.find(key);
  if (found == plans_.end()) {
    found = plans_.emplace(key, make_plan(product, alignment_bytes)).first;
  }
  const Plan& plan = found->second;
  // cuBLAS's matrices are column-major, ours are their transposes: c' = op(b)' op(a)'.
  check(cublasLtMatmul(handle_.get(), plan.descriptor.get(), &kOne, product.b, plan.b.get(),
                       product.a, plan.a.get(), &product.beta, product.c, plan.c.get(), product.c,
                       plan.c.get(), &plan.algorithm, workspace_.data(), workspace_.size(),
                       stream));
}

Products::Plan Products::make_plan(const Product& product, std::uint32_t alignment_bytes) const {
  Plan plan;
  plan.descriptor = made_by<ProductDescriptor>([&](cublasLtMatmulDesc_t* descriptor) {
    return cublasLtMatmulDescCreate(descriptor, compute_type_, CUDA_R_32F);
  });
  set_transposition(plan.descriptor, CUBLASLT_MATMUL_DESC_TRANSA, product.transpose_b);
  set_transposition(plan.descriptor, CUBLASLT_MATMUL_DESC_TRANSB, product.transpose_a);
  plan.b = product.transpose_b ? make_layout(product.inner, product.columns)
                               : make_layout(product.columns, product.inner);
  plan.a = product.transpose_a ? make_layout(product.rows, product.inner)
                               : make_layout(product.inner, product.rows);
  plan.c = make_layout(product.columns, product.rows);
  plan.algorithm = choose_algorithm(product, plan, alignment_bytes);
  return plan;
}

cublasLtMatmulAlgo_t Products::choose_algorithm(const Product& product, const Plan& plan,
                                                std::uint32_t alignment_bytes) const {
  const auto preference = made_by<ProductPreference>(cublasLtMatmulPreferenceCreate);
  set_preference(preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES,
                 std::uint64_t{kWorkspaceBytes});
  set_preference(preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                 static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_NONE));
  for (const auto attribute :
       {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
        CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES}) {
    set_preference(preference, attribute, alignment_bytes);
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

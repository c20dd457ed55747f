#include "acoustic/backend/cuda/blas_library.hpp"

#include <string>

#include "acoustic/backend/cuda/loaded_library.hpp"

namespace harpy::cuda {
namespace {

BlasLibrary load() {
  const LoadedLibrary library("cuBLAS", "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR));
  BlasLibrary found{};
  library.find("cublasLtCreate", found.create);
  library.find("cublasLtDestroy", found.destroy);
  library.find("cublasLtGetStatusName", found.get_status_name);
  library.find("cublasLtGetStatusString", found.get_status_string);
  library.find("cublasLtMatmul", found.matmul);
  library.find("cublasLtMatmulAlgoGetHeuristic", found.matmul_algo_get_heuristic);
  library.find("cublasLtMatmulDescCreate", found.matmul_desc_create);
  library.find("cublasLtMatmulDescDestroy", found.matmul_desc_destroy);
  library.find("cublasLtMatmulDescSetAttribute", found.matmul_desc_set_attribute);
  library.find("cublasLtMatmulPreferenceCreate", found.matmul_preference_create);
  library.find("cublasLtMatmulPreferenceDestroy", found.matmul_preference_destroy);
  library.find("cublasLtMatmulPreferenceSetAttribute", found.matmul_preference_set_attribute);
  library.find("cublasLtMatrixLayoutCreate", found.matrix_layout_create);
  library.find("cublasLtMatrixLayoutDestroy", found.matrix_layout_destroy);
  return found;
}

}  // namespace

const BlasLibrary& blas() {
  static const BlasLibrary kLibrary = load();
  return kLibrary;
}

}  // namespace harpy::cuda

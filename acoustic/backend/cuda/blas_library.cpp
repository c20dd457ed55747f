#include "acoustic/backend/cuda/blas_library.hpp"

#include <dlfcn.h>

#include <source_location>
#include <string>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

DeviceError loading_error() {
  const char* const reason = dlerror();
  return error_at(DeviceErrorKind::kOther,
                  std::string("cuBLAS cannot be loaded: ") + (reason == nullptr ? "" : reason),
                  std::source_location::current());
}

void* open_library() {
  const std::string name = "libcublasLt.so." + std::to_string(CUBLAS_VER_MAJOR);
  for (const std::string& place : {name, HARPY_CUDA_LIBRARIES "/" + name}) {
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  throw loading_error();
}

template <typename Function>
void find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw loading_error();
}

BlasLibrary load() {
  void* const library = open_library();
  BlasLibrary found{};
  find(library, "cublasLtCreate", found.create);
  find(library, "cublasLtDestroy", found.destroy);
  find(library, "cublasLtGetStatusName", found.get_status_name);
  find(library, "cublasLtGetStatusString", found.get_status_string);
  find(library, "cublasLtMatmul", found.matmul);
  find(library, "cublasLtMatmulAlgoGetHeuristic", found.matmul_algo_get_heuristic);
  find(library, "cublasLtMatmulDescCreate", found.matmul_desc_create);
  find(library, "cublasLtMatmulDescDestroy", found.matmul_desc_destroy);
  find(library, "cublasLtMatmulDescSetAttribute", found.matmul_desc_set_attribute);
  find(library, "cublasLtMatmulPreferenceCreate", found.matmul_preference_create);
  find(library, "cublasLtMatmulPreferenceDestroy", found.matmul_preference_destroy);
  find(library, "cublasLtMatmulPreferenceSetAttribute", found.matmul_preference_set_attribute);
  find(library, "cublasLtMatrixLayoutCreate", found.matrix_layout_create);
  find(library, "cublasLtMatrixLayoutDestroy", found.matrix_layout_destroy);
  return found;
}

}  // namespace

const BlasLibrary& blas() {
  static const BlasLibrary kLibrary = load();
  return kLibrary;
}

}  // namespace harpy::cuda

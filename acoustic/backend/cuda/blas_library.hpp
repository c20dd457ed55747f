#pragma once

#include <cublasLt.h>

namespace harpy::cuda {

/// The functions of cuBLASLt that Harpy calls, named as there.
///
/// The library is loaded when one of them is first wanted, not when a program starts: that takes
/// half a second of processor time, which a program that computes on the CPU need not spend.
struct BlasLibrary {
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtGetStatusName) get_status_name;
  decltype(&cublasLtGetStatusString) get_status_string;
  decltype(&cublasLtMatmul) matmul;
  decltype(&cublasLtMatmulAlgoGetHeuristic) matmul_algo_get_heuristic;
  decltype(&cublasLtMatmulDescCreate) matmul_desc_create;
  decltype(&cublasLtMatmulDescDestroy) matmul_desc_destroy;
  decltype(&cublasLtMatmulDescSetAttribute) matmul_desc_set_attribute;
  decltype(&cublasLtMatmulPreferenceCreate) matmul_preference_create;
  decltype(&cublasLtMatmulPreferenceDestroy) matmul_preference_destroy;
  decltype(&cublasLtMatmulPreferenceSetAttribute) matmul_preference_set_attribute;
  decltype(&cublasLtMatrixLayoutCreate) matrix_layout_create;
  decltype(&cublasLtMatrixLayoutDestroy) matrix_layout_destroy;
};

/// Loads cuBLASLt at the first call, from where the system finds it or else from the toolkit that
/// Harpy was built with. It stays loaded. Errors: DeviceError saying why it cannot be loaded.
const BlasLibrary& blas();

}  // namespace harpy::cuda

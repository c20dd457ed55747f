#pragma once

#include <cudnn.h>

#include "acoustic/backend/cuda/blas_library.hpp"
#include "acoustic/backend/cuda/library_check.hpp"
#include "acoustic/backend/cuda/owner.hpp"

/// Owners of the objects of cuBLASLt and cuDNN; made_by makes them.
namespace harpy::cuda {

/// Calls the function of cuBLASLt that destroys an object.
template <auto Function>
struct BlasDestruction {
  cublasStatus_t operator()(auto* object) const { return (blas().*Function)(object); }
};

using BlasHandle = Owner<cublasLtHandle_t, BlasDestruction<&BlasLibrary::destroy>{}>;
using MatrixLayout =
    Owner<cublasLtMatrixLayout_t, BlasDestruction<&BlasLibrary::matrix_layout_destroy>{}>;
using ProductDescriptor =
    Owner<cublasLtMatmulDesc_t, BlasDestruction<&BlasLibrary::matmul_desc_destroy>{}>;
using ProductPreference =
    Owner<cublasLtMatmulPreference_t, BlasDestruction<&BlasLibrary::matmul_preference_destroy>{}>;

using DnnHandle = Owner<cudnnHandle_t, cudnnDestroy>;
using TensorDescriptor = Owner<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Owner<cudnnFilterDescriptor_t, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Owner<cudnnConvolutionDescriptor_t, cudnnDestroyConvolutionDescriptor>;

}  // namespace harpy::cuda

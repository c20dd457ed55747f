#pragma once

#include <cublasLt.h>
#include <cudnn.h>

#include "acoustic/backend/cuda/library_check.hpp"
#include "acoustic/backend/cuda/owner.hpp"

/// Owners of the objects of cuBLASLt and cuDNN; made_by makes them.
namespace harpy::cuda {

using BlasHandle = Owner<cublasLtHandle_t, cublasLtDestroy>;
using MatrixLayout = Owner<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using ProductDescriptor = Owner<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using ProductPreference = Owner<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

using DnnHandle = Owner<cudnnHandle_t, cudnnDestroy>;
using TensorDescriptor = Owner<cudnnTensorDescriptor_t, cudnnDestroyTensorDescriptor>;
using FilterDescriptor = Owner<cudnnFilterDescriptor_t, cudnnDestroyFilterDescriptor>;
using ConvolutionDescriptor =
    Owner<cudnnConvolutionDescriptor_t, cudnnDestroyConvolutionDescriptor>;

}  // namespace harpy::cuda

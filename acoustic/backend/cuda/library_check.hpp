#pragma once

#include <cublasLt.h>
#include <cudnn.h>

#include <source_location>

/// The same as check() of check.hpp for calls of cuBLASLt and cuDNN.
namespace harpy::cuda {

void check(cublasStatus_t status,
           const std::source_location& where = std::source_location::current());
void check(cudnnStatus_t status,
           const std::source_location& where = std::source_location::current());

}  // namespace harpy::cuda

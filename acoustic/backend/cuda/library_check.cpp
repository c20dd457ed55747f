#include "acoustic/backend/cuda/library_check.hpp"

#include <string>

#include "acoustic/backend/cuda/blas_library.hpp"
#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

/// A library that fails because the device is lost does not say so, but the runtime does.
void check_device(const std::source_location& where) { check(cudaGetLastError(), where); }

}  // namespace

void check(cublasStatus_t status, const std::source_location& where) {
  if (status == CUBLAS_STATUS_SUCCESS) return;
  check_device(where);
  throw error_at(status == CUBLAS_STATUS_ALLOC_FAILED ? DeviceErrorKind::kOutOfMemory
                                                      : DeviceErrorKind::kOther,
                 std::string("cuBLAS: ") + blas().get_status_string(status) + ", " +
                     blas().get_status_name(status),
                 where);
}

void check(cudnnStatus_t status, const std::source_location& where) {
  if (status == CUDNN_STATUS_SUCCESS) return;
  check_device(where);
  const bool no_memory = status == CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED ||
                         status == CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED;
  throw error_at(no_memory ? DeviceErrorKind::kOutOfMemory : DeviceErrorKind::kOther,
                 std::string("cuDNN: ") + cudnnGetErrorString(status), where);
}

}  // namespace harpy::cuda

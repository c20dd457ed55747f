#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

DeviceErrorKind kind_of(cudaError_t status) {
  switch (status) {
    case cudaErrorMemoryAllocation:
      return DeviceErrorKind::kOutOfMemory;
    case cudaErrorNoDevice:
    case cudaErrorInvalidDevice:
    case cudaErrorInsufficientDriver:
    case cudaErrorNoKernelImageForDevice:
    case cudaErrorUnsupportedPtxVersion:
    case cudaErrorDevicesUnavailable:
    case cudaErrorSystemNotReady:
    case cudaErrorSystemDriverMismatch:
    case cudaErrorCompatNotSupportedOnDevice:
      return DeviceErrorKind::kUnusable;
    case cudaErrorIllegalAddress:
    case cudaErrorMisalignedAddress:
    case cudaErrorInvalidAddressSpace:
    case cudaErrorInvalidPc:
    case cudaErrorIllegalInstruction:
    case cudaErrorHardwareStackError:
    case cudaErrorLaunchFailure:
    case cudaErrorLaunchTimeout:
    case cudaErrorAssert:
    case cudaErrorECCUncorrectable:
    case cudaErrorNvlinkUncorrectable:
    case cudaErrorExternalDevice:
    case cudaErrorMpsServerNotReady:
    case cudaErrorMpsClientTerminated:
    case cudaErrorContained:
    case cudaErrorContextIsDestroyed:
    case cudaErrorTensorMemoryLeak:
    case cudaErrorUnknown:
      return DeviceErrorKind::kDeviceLost;
    default:
      return DeviceErrorKind::kOther;
  }
}

}  // namespace

DeviceError error_at(DeviceErrorKind kind, const std::string& message,
                     const std::source_location& where) {
  return {kind, message + " (" + where.file_name() + ":" + std::to_string(where.line()) + ")"};
}

void check(cudaError_t status, const std::source_location& where) {
  if (status == cudaSuccess) return;
  cudaGetLastError();  // so that the next call is not blamed for it
  throw error_at(kind_of(status),
                 std::string(cudaGetErrorString(status)) + ", " + cudaGetErrorName(status), where);
}

}  // namespace harpy::cuda

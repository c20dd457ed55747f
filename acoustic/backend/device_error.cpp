#include "acoustic/backend/device_error.hpp"

namespace harpy {

bool is_device_lost(const std::exception& error) {
  const auto* const of_device = dynamic_cast<const DeviceError*>(&error);
  return of_device != nullptr && of_device->kind() == DeviceErrorKind::kDeviceLost;
}

}  // namespace harpy

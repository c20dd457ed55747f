#pragma once

#include <exception>
#include <stdexcept>
#include <string>

namespace harpy {

/// What a caller can do about an error of a device.
enum class DeviceErrorKind {
  kUnusable,     ///< the device is not there or not for this build: use another
  kOutOfMemory,  ///< the work does not fit: ask for less; the device goes on
  kDeviceLost,   ///< nothing on this device works any more in this process: use another
  kOther         ///< a call was refused: a bug
};

/// A failure of a CUDA device or of a library that runs on it. (The CPU has none of these; it
/// throws the standard library's exceptions.)
class DeviceError : public std::runtime_error {
 public:
  DeviceError(DeviceErrorKind kind, const std::string& message)
      : std::runtime_error("CUDA: " + message), kind_(kind) {}

  DeviceErrorKind kind() const { return kind_; }

 private:
  DeviceErrorKind kind_;
};

/// Whether the error is a DeviceError of kind kDeviceLost, after which all work on that device must
/// end.
bool is_device_lost(const std::exception& error);

}  // namespace harpy

#pragma once

#include <stdexcept>
#include <string>

namespace harpy::cuda {

/// What a caller can do about an error of a CUDA device.
enum class ErrorKind {
  kUnusable,     ///< the device is not there or not for this build: use another
  kOutOfMemory,  ///< the work does not fit: ask for less; the device goes on
  kDeviceLost,   ///< nothing on this device works any more in this process: use another
  kOther         ///< a call was refused: a bug
};

/// A failure of a CUDA device or of a library that runs on it.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message)
      : std::runtime_error("CUDA: " + message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace harpy::cuda

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "acoustic/backend/backend.hpp"

namespace harpy::testing {

/// A device and a number of threads.
struct BackendCase {
  Device device;
  int thread_count = 1;
};

inline std::unique_ptr<Backend> backend_of(const BackendCase& tested,
                                           Precision precision = Precision::kFloat32) {
  return create_backend(
      {.device = tested.device, .thread_count = tested.thread_count, .precision = precision});
}

/// Tests that run on every device of this machine, on the CPU with one thread and with three.
class BackendTest : public ::testing::TestWithParam<BackendCase> {
 protected:
  std::unique_ptr<Backend> backend_ = backend_of(GetParam());
};

inline std::vector<BackendCase> backend_cases() {
  std::vector<BackendCase> cases;
  for (const Device device : available_devices()) {
    cases.push_back({device, 1});
    if (device.kind == DeviceKind::kCpu) cases.push_back({device, 3});
  }
  return cases;
}

inline std::string case_name(const ::testing::TestParamInfo<BackendCase>& info) {
  const Device device = info.param.device;
  return (device.kind == DeviceKind::kCpu ? "Cpu" : "Cuda" + std::to_string(device.index)) +
         "Threads" + std::to_string(info.param.thread_count);
}

}  // namespace harpy::testing

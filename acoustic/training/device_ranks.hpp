#pragma once

#include <memory>

#include "acoustic/backend/device.hpp"
#include "acoustic/training/ranks.hpp"

namespace harpy {

/// The ranks of a training whose values lie on CUDA devices, one for each process, by NCCL: they
/// exchange values without the host. What is said in host memory goes through `host`, which must
/// outlive it. Errors: std::runtime_error if this build, or this machine, has no NCCL; DeviceError.
std::unique_ptr<Ranks> join_device_ranks(Ranks& host, Device device);

}  // namespace harpy

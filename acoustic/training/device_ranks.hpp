#pragma once

#include <memory>

#include "acoustic/backend/device.hpp"
#include "acoustic/training/ranks.hpp"

namespace harpy {

/// The ranks of a training whose values lie on CUDA devices, one for each process, by NCCL: they
/// exchange values without the host. What is said in host memory goes through `host`, which must
/// outlive it. Errors: SharedError at all ranks if one of them has no NCCL, or its build has none;
/// DeviceError at a rank whose call fails, here or in a later exchange. The others may then wait
/// for it without end, so that it must end the job.
std::unique_ptr<Ranks> join_device_ranks(Ranks& host, Device device);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <functional>

namespace harpy::tools {

/// Looks up a variable of the environment; nullptr if there is none. std::getenv is one.
using EnvironmentLookup = std::function<const char*(const char*)>;

/// Where a process stands among those that a batch system has started together.
struct LaunchPlace {
  const char* system = nullptr;  ///< the batch system; null if there is none
  std::uint64_t index = 0;       ///< from 0
  std::uint64_t count = 1;
};

/// The task that a process belongs to, of a Slurm array job or a Kubernetes Indexed Job
/// (docs/scale.md has the table of variables). Errors: std::runtime_error if the variables name no
/// place, contradict each other, or are no numbers.
LaunchPlace task_place(const EnvironmentLookup& lookup);

/// The rank of a process within its task, among the processes of `mpirun` or `srun`. Errors:
/// likewise.
LaunchPlace rank_place(const EnvironmentLookup& lookup);

}  // namespace harpy::tools

#include <stdexcept>
#include <string>

#include "tools/options/launch_place.hpp"
#include "tools/transcribe/shard.hpp"

namespace harpy::tools {

namespace {

std::runtime_error shard_unknown(const std::string& why) {
  return std::runtime_error("--shard auto: " + why + "; name the shard by --shard I/N");
}

}  // namespace

Shard shard_of_environment(const EnvironmentLookup& lookup) {
  LaunchPlace task;
  LaunchPlace rank;
  try {
    task = task_place(lookup);
    rank = rank_place(lookup);
  } catch (const std::runtime_error& error) {
    throw shard_unknown(error.what());
  }
  if (task.system == nullptr && rank.system == nullptr) {
    throw shard_unknown("no variables of Slurm, Open MPI, PMI or a Kubernetes Indexed Job are set");
  }
  return {.number = task.index * rank.count + rank.index + 1, .count = task.count * rank.count};
}

}  // namespace harpy::tools

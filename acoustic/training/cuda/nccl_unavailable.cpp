#include "acoustic/training/device_ranks.hpp"

namespace harpy {

std::unique_ptr<Ranks> join_device_ranks(Ranks&, Device) {
  throw SharedError("this build cannot train with several GPUs: it has no NCCL");
}

}  // namespace harpy

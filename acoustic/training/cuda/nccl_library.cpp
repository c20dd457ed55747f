#include "acoustic/training/cuda/nccl_library.hpp"

#include <dlfcn.h>

#include <string>

#include "acoustic/backend/cuda/check.hpp"

namespace harpy::cuda {
namespace {

DeviceError nccl_missing() {
  const char* const reason = dlerror();
  return error_at(DeviceErrorKind::kOther,
                  std::string("NCCL cannot be loaded: ") + (reason == nullptr ? "" : reason));
}

void* open_nccl() {
  const std::string name = "libnccl.so." + std::to_string(NCCL_MAJOR);
  for (const std::string& place : {name, HARPY_CUDA_LIBRARIES "/" + name}) {
    if (void* const library = dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL)) return library;
  }
  throw nccl_missing();
}

template <typename Function>
void find_in_nccl(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  if (function == nullptr) throw nccl_missing();
}

NcclLibrary load_nccl() {
  void* const library = open_nccl();
  NcclLibrary found{};
  find_in_nccl(library, "ncclGetUniqueId", found.get_unique_id);
  find_in_nccl(library, "ncclCommInitRank", found.init_rank);
  find_in_nccl(library, "ncclCommDestroy", found.destroy);
  find_in_nccl(library, "ncclGetErrorString", found.get_error_string);
  find_in_nccl(library, "ncclGroupStart", found.group_start);
  find_in_nccl(library, "ncclGroupEnd", found.group_end);
  find_in_nccl(library, "ncclSend", found.send);
  find_in_nccl(library, "ncclRecv", found.receive);
  find_in_nccl(library, "ncclAllGather", found.all_gather);
  return found;
}

}  // namespace

const NcclLibrary& nccl() {
  static const NcclLibrary kLibrary = load_nccl();
  return kLibrary;
}

}  // namespace harpy::cuda

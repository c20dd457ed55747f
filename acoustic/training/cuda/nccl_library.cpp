#include "acoustic/training/cuda/nccl_library.hpp"

#include <string>

#include "acoustic/backend/cuda/loaded_library.hpp"

namespace harpy::cuda {
namespace {

NcclLibrary load_nccl() {
  const LoadedLibrary library("NCCL", "libnccl.so." + std::to_string(NCCL_MAJOR));
  NcclLibrary found{};
  library.find("ncclGetUniqueId", found.get_unique_id);
  library.find("ncclCommInitRank", found.init_rank);
  library.find("ncclCommDestroy", found.destroy);
  library.find("ncclCommAbort", found.abort);
  library.find("ncclCommGetAsyncError", found.get_async_error);
  library.find("ncclGetErrorString", found.get_error_string);
  library.find("ncclGetLastError", found.get_last_error);
  library.find("ncclGroupStart", found.group_start);
  library.find("ncclGroupEnd", found.group_end);
  library.find("ncclSend", found.send);
  library.find("ncclRecv", found.receive);
  library.find("ncclAllGather", found.all_gather);
  return found;
}

}  // namespace

const NcclLibrary& nccl() {
  static const NcclLibrary kLibrary = load_nccl();
  return kLibrary;
}

}  // namespace harpy::cuda

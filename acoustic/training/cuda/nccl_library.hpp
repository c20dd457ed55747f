#pragma once

#include <nccl.h>

namespace harpy::cuda {

/// The functions of NCCL that Harpy calls, in its library, which is loaded when it is needed: it is
/// large, and few programs train on several GPUs.
struct NcclLibrary {
  decltype(&ncclGetUniqueId) get_unique_id;
  decltype(&ncclCommInitRank) init_rank;
  decltype(&ncclCommDestroy) destroy;
  decltype(&ncclCommAbort) abort;
  decltype(&ncclCommGetAsyncError) get_async_error;
  decltype(&ncclGetErrorString) get_error_string;
  decltype(&ncclGetLastError) get_last_error;
  decltype(&ncclGroupStart) group_start;
  decltype(&ncclGroupEnd) group_end;
  decltype(&ncclSend) send;
  decltype(&ncclRecv) receive;
  decltype(&ncclAllGather) all_gather;
};

/// Loads it at the first call. Errors: DeviceError if it is not there.
const NcclLibrary& nccl();

}  // namespace harpy::cuda

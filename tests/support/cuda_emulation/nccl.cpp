// A stand-in for NCCL's library: processes of one machine exchange values through files. What is
// sent is read, and what is received is written, when the stream comes to it, as on a device.
//
// HARPY_NCCL_FAULT=FUNCTION lets this process's calls of a function fail. If it is
// ncclCommGetAsyncError, the first exchange never comes to its end, and that call tells of the loss
// of another process.

#include <nccl.h>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace harpy::nccl_stand_in {

namespace fs = std::filesystem;

/// Where all ranks wait for one another: a mapped file with the number of arrivals so far.
class Meeting {
 public:
  Meeting(const fs::path& file, int count) : count_(static_cast<std::uint64_t>(count)) {
    const int descriptor = ::open(file.c_str(), O_RDWR | O_CLOEXEC);
    void* const page =
        ::mmap(nullptr, sizeof(*arrivals_), PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0);
    ::close(descriptor);
    if (page != MAP_FAILED) arrivals_ = static_cast<std::atomic<std::uint64_t>*>(page);
  }
  Meeting(const Meeting&) = delete;
  Meeting& operator=(const Meeting&) = delete;
  ~Meeting() {
    if (is_open()) ::munmap(arrivals_, sizeof(*arrivals_));
  }

  bool is_open() const { return arrivals_ != nullptr; }
  void wait_for_all() {
    *arrivals_ += 1;
    for (target_ += count_; *arrivals_ < target_;) {
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
  }

 private:
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  std::uint64_t count_, target_ = 0;
  std::atomic<std::uint64_t>* arrivals_ = nullptr;
};

struct Message {
  int peer;
  void* data;
  std::size_t size_bytes;
};

}  // namespace harpy::nccl_stand_in

namespace fs = std::filesystem;
using harpy::nccl_stand_in::Meeting;
using harpy::nccl_stand_in::Message;

struct ncclComm {
  ncclComm(fs::path shared_folder, int own_rank, int rank_count)
      : folder(std::move(shared_folder)),
        rank(own_rank),
        count(rank_count),
        meeting(folder / "meeting", rank_count) {}

  fs::path file(int from, int to) const {
    return folder / (std::to_string(from) + "-" + std::to_string(to));
  }

  fs::path folder;
  int rank, count;
  Meeting meeting;
  std::vector<Message> sent, received;  ///< of a group that has not ended
  cudaStream_t stream = nullptr;        ///< the group's
  bool has_exchanged = false;
};

namespace {

int open_groups = 0;
ncclComm_t in_group = nullptr;  ///< whose messages the open groups have

bool fails(std::string_view function) {
  const char* const fault = std::getenv("HARPY_NCCL_FAULT");
  return fault != nullptr && fault == function;
}

/// An exchange in a stream: all write what they send, then all read what they receive.
struct Exchange {
  ncclComm_t processes;
  std::vector<Message> sent, received;

  void carry_out() const {
    for (const Message& message : sent) {
      std::ofstream file(processes->file(processes->rank, message.peer), std::ios::binary);
      file.write(static_cast<const char*>(message.data),
                 static_cast<std::streamsize>(message.size_bytes));
    }
    processes->meeting.wait_for_all();
    for (const Message& message : received) {
      std::ifstream file(processes->file(message.peer, processes->rank), std::ios::binary);
      file.read(static_cast<char*>(message.data), static_cast<std::streamsize>(message.size_bytes));
      if (!file) std::abort();  // a device would wait for ever
    }
    processes->meeting.wait_for_all();
  }
};

ncclResult_t start_exchange(ncclComm_t processes) {
  processes->has_exchanged = true;
  auto exchange =
      std::make_unique<Exchange>(Exchange{.processes = processes,
                                          .sent = std::exchange(processes->sent, {}),
                                          .received = std::exchange(processes->received, {})});
  const auto carry_out = [](void* data) {
    std::unique_ptr<Exchange>(static_cast<Exchange*>(data))->carry_out();
  };
  if (fails("ncclCommGetAsyncError")) return ncclSuccess;  // it never comes to it
  if (cudaLaunchHostFunc(processes->stream, carry_out, exchange.get()) != cudaSuccess) {
    return ncclInvalidUsage;
  }
  exchange.release();
  return ncclSuccess;
}

ncclResult_t add_message(std::vector<Message>& messages, const Message& message,
                         ncclComm_t processes, cudaStream_t stream) {
  if (open_groups == 0) return ncclInvalidUsage;  // alone it would wait for its counterpart
  messages.push_back(message);
  processes->stream = stream;
  in_group = processes;
  return ncclSuccess;
}

}  // namespace

ncclResult_t ncclGetUniqueId(ncclUniqueId* id) {
  if (fails("ncclGetUniqueId")) return ncclSystemError;
  std::string folder = (fs::temp_directory_path() / "nccl-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr || folder.size() >= sizeof(id->internal)) {
    return ncclSystemError;
  }
  std::ofstream(fs::path(folder) / "meeting") << std::string(sizeof(std::uint64_t), '\0');
  *id = {};
  std::strcpy(id->internal, folder.c_str());
  return ncclSuccess;
}

ncclResult_t ncclCommInitRank(ncclComm_t* processes, int count, ncclUniqueId id, int rank) {
  if (fails("ncclCommInitRank")) return ncclSystemError;
  auto made = std::make_unique<ncclComm>(id.internal, rank, count);
  if (!made->meeting.is_open()) return ncclSystemError;
  made->meeting.wait_for_all();
  *processes = made.release();
  return ncclSuccess;
}

ncclResult_t ncclCommDestroy(ncclComm_t processes) {
  const std::unique_ptr<ncclComm> destroyed(processes);
  destroyed->meeting.wait_for_all();
  if (destroyed->rank == 0) fs::remove_all(destroyed->folder);
  return ncclSuccess;
}

ncclResult_t ncclCommAbort(ncclComm_t processes) {
  const std::unique_ptr<ncclComm> aborted(processes);
  return ncclSuccess;
}

ncclResult_t ncclCommGetAsyncError(ncclComm_t processes, ncclResult_t* state) {
  const bool is_lost = processes->has_exchanged && fails("ncclCommGetAsyncError");
  *state = is_lost ? ncclRemoteError : ncclSuccess;
  return ncclSuccess;
}

const char* ncclGetErrorString(ncclResult_t result) {
  switch (result) {
    case ncclSuccess:
      return "no error";
    case ncclSystemError:
      return "unhandled system error";
    case ncclInvalidUsage:
      return "invalid usage";
    case ncclRemoteError:
      return "remote process exited or there was a network error";
  }
  return "unknown result code";
}

const char* ncclGetLastError(ncclComm_t /*processes*/) { return "the stand-in for NCCL"; }

ncclResult_t ncclGroupStart() {
  ++open_groups;
  return ncclSuccess;
}

ncclResult_t ncclGroupEnd() {
  if (open_groups == 0) return ncclInvalidUsage;
  if (--open_groups > 0 || in_group == nullptr) return ncclSuccess;
  const ncclComm_t processes = std::exchange(in_group, nullptr);
  if (fails("ncclGroupEnd")) return ncclSystemError;
  return start_exchange(processes);
}

ncclResult_t ncclSend(const void* data, std::size_t count, ncclDataType_t /*type*/, int peer,
                      ncclComm_t processes, cudaStream_t stream) {
  return add_message(
      processes->sent,
      {.peer = peer, .data = const_cast<void*>(data), .size_bytes = count * sizeof(float)},
      processes, stream);
}

ncclResult_t ncclRecv(void* data, std::size_t count, ncclDataType_t /*type*/, int peer,
                      ncclComm_t processes, cudaStream_t stream) {
  return add_message(processes->received,
                     {.peer = peer, .data = data, .size_bytes = count * sizeof(float)}, processes,
                     stream);
}

ncclResult_t ncclAllGather(const void* mine, void* all, std::size_t count, ncclDataType_t type,
                           ncclComm_t processes, cudaStream_t stream) {
  if (fails("ncclAllGather")) return ncclSystemError;
  ncclGroupStart();
  for (int peer = 0; peer < processes->count; ++peer) {
    ncclSend(mine, count, type, peer, processes, stream);
    ncclRecv(static_cast<float*>(all) + static_cast<std::size_t>(peer) * count, count, type, peer,
             processes, stream);
  }
  return ncclGroupEnd();
}

#include <exception>
#include <source_location>
#include <string>
#include <thread>
#include <utility>

#include "acoustic/backend/cuda/check.hpp"
#include "acoustic/backend/cuda/stream.hpp"
#include "acoustic/training/cuda/nccl_library.hpp"
#include "acoustic/training/device_ranks.hpp"

namespace harpy {
namespace {

void check_nccl(ncclResult_t result,
                const std::source_location& where = std::source_location::current()) {
  if (result == ncclSuccess) return;
  const std::string detail = cuda::nccl().get_last_error(nullptr);
  throw cuda::error_at(DeviceErrorKind::kOther,
                       std::string("NCCL: ") + cuda::nccl().get_error_string(result) +
                           (detail.empty() ? "" : ": " + detail),
                       where);
}

/// Has a stream of its own, and returns when what it was asked for is done.
class NcclRanks : public Ranks {
 public:
  NcclRanks(Ranks& host, int device_index)
      : Ranks(host.rank(), host.count()), host_(host), device_index_(device_index) {
    ncclUniqueId id{};
    carry_out_at_all(host, [&] {
      cuda::make_current(device_index);
      stream_ = cuda::make_stream();
      const cuda::NcclLibrary& library = cuda::nccl();
      if (rank() == 0) check_nccl(library.get_unique_id(&id));
    });
    id = gather(host, id).front();
    check_nccl(cuda::nccl().init_rank(&processes_, static_cast<int>(count()), id,
                                      static_cast<int>(rank())));
  }
  NcclRanks(const NcclRanks&) = delete;
  NcclRanks& operator=(const NcclRanks&) = delete;
  /// To be destroyed, they wait for one another: not when an error has ended the work.
  ~NcclRanks() override {
    if (processes_ != nullptr && std::uncaught_exceptions() == 0) {
      cuda::nccl().destroy(processes_);
    }
  }

  void gather_bytes(std::span<const std::byte> mine, std::span<std::byte> all) override {
    host_.gather_bytes(mine, all);
  }
  void exchange_rows(ConstTensorView mine, TensorView theirs) override {
    cuda::make_current(device_index_);
    const auto size = static_cast<std::size_t>(mine.dim());
    check_nccl(cuda::nccl().group_start());
    for (std::int64_t i = 0; i < count(); ++i) {
      const auto peer = static_cast<int>(i);
      check_nccl(cuda::nccl().send(mine.row(i), size, ncclFloat, peer, processes_, stream_.get()));
      check_nccl(
          cuda::nccl().receive(theirs.row(i), size, ncclFloat, peer, processes_, stream_.get()));
    }
    check_nccl(cuda::nccl().group_end());
    wait();
  }
  void gather_rows(ConstTensorView mine, TensorView all) override {
    cuda::make_current(device_index_);
    check_nccl(cuda::nccl().all_gather(mine.data, all.data, static_cast<std::size_t>(mine.size()),
                                       ncclFloat, processes_, stream_.get()));
    wait();
  }

 private:
  /// Until the stream's work is done. If another rank is lost that would be never, but NCCL notices
  /// it; then what waits on the device is ended, so that its memory can be freed.
  void wait() {
    while (true) {
      const bool is_done = cuda::is_done(stream_.get());
      ncclResult_t state = ncclSuccess;
      check_nccl(cuda::nccl().get_async_error(processes_, &state));
      if (state != ncclSuccess) {
        cuda::nccl().abort(std::exchange(processes_, nullptr));
        check_nccl(state);
      }
      if (is_done) return;
      std::this_thread::yield();
    }
  }

  Ranks& host_;
  int device_index_;
  cuda::Stream stream_;
  ncclComm_t processes_ = nullptr;
};

}  // namespace

std::unique_ptr<Ranks> join_device_ranks(Ranks& host, Device device) {
  return std::make_unique<NcclRanks>(host, device.index);
}

}  // namespace harpy

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>

#include "acoustic/backend/cuda/backend_stream.hpp"
#include "acoustic/backend/cuda/block_executor.cuh"
#include "acoustic/backend/cuda/check.hpp"
#include "acoustic/backend/cuda/kernel_launch.cuh"
#include "acoustic/backend/cuda/stream.hpp"
#include "decoder/search/device/lane_program.hpp"
#include "decoder/search/device/lane_runner.hpp"
#include "decoder/search/program/collective.hpp"
#include "decoder/search/program/recombine.hpp"
#include "decoder/search/program/select.hpp"

namespace harpy::token_passing {
namespace {

using cuda::BlockAccess;
using cuda::BlockExecutor;
using cuda::check;

constexpr std::uint32_t kLaneThreads = 1024;
static_assert(kLaneThreads <= kMaxPhaseThreads);

constexpr std::size_t kSlotBytes = sizeof(HashSlot) + sizeof(std::uint32_t);
constexpr std::size_t kCollectiveBytes = (kBinCount + kLaneThreads) * sizeof(std::uint32_t);

constexpr std::size_t near_bytes(std::uint32_t slot_bits) {
  return (kSlotBytes << slot_bits) + kCollectiveBytes;
}

/// Copies a task word by word. A thread owns the words it copies.
__device__ void copy_task(const void* source, void* target) {
  static_assert(sizeof(LaneTask) % sizeof(std::uint32_t) == 0);
  for (std::uint32_t i = threadIdx.x; i < sizeof(LaneTask) / sizeof(std::uint32_t);
       i += blockDim.x) {
    static_cast<std::uint32_t*>(target)[i] = static_cast<const std::uint32_t*>(source)[i];
  }
  __syncthreads();
}

/// Each block of threads carries out one task. Its near memory is the block's shared memory, which
/// holds the hash table, then the bins, then the sums of threads.
__global__ void __launch_bounds__(kLaneThreads, 1)
    run_lanes(LaneTask* tasks, std::uint32_t near_slot_bits) {
  std::byte* const near_memory = cuda::dynamic_shared_memory();
  __shared__ __align__(16) std::byte task_memory[sizeof(LaneTask)];
  LaneTask& task = *reinterpret_cast<LaneTask*>(task_memory);
  copy_task(tasks + blockIdx.x, task_memory);
  auto* const slots = reinterpret_cast<HashSlot*>(near_memory);
  auto* const slot_previous =
      reinterpret_cast<std::uint32_t*>(near_memory + (sizeof(HashSlot) << near_slot_bits));
  auto* const bins = slot_previous + (std::uint32_t{1} << near_slot_bits);
  run_lane<BlockAccess>(BlockExecutor{}, task,
                        {slots, slot_previous, near_slot_bits, bins, bins + kBinCount});
  copy_task(task_memory, tasks + blockIdx.x);
}

int attribute(cudaDeviceAttr name, int device_index) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, name, device_index));
  return value;
}

class CudaLaneRunner final : public LaneRunner {
 public:
  explicit CudaLaneRunner(Backend& backend)
      : memory_(backend.memory()),
        stream_(cuda::stream_of(backend)),
        device_index_(backend.device().index) {
    cudaFuncAttributes kernel{};
    check(cudaFuncGetAttributes(&kernel, run_lanes));
    // Fewer where the kernel takes more registers, as it does when a sanitizer instruments it.
    threads_ = std::min(kLaneThreads, static_cast<std::uint32_t>(kernel.maxThreadsPerBlock));
    const auto room =
        static_cast<std::size_t>(attribute(cudaDevAttrMaxSharedMemoryPerBlockOptin, device_index_));
    while (kernel.sharedSizeBytes + near_bytes(near_slot_bits_ + 1) <= room) ++near_slot_bits_;
    check(cudaFuncSetAttribute(run_lanes, cudaFuncAttributeMaxDynamicSharedMemorySize,
                               static_cast<int>(near_bytes(near_slot_bits_))));
  }

  const std::shared_ptr<DeviceMemory>& memory() const override { return memory_; }

  std::uint32_t lane_count() const override {
    return static_cast<std::uint32_t>(attribute(cudaDevAttrMultiProcessorCount, device_index_));
  }

  bool can_read(const float* values) const override {
    cuda::make_current(device_index_);
    cudaPointerAttributes attributes{};
    check(cudaPointerGetAttributes(&attributes, values));
    return attributes.type == cudaMemoryTypeDevice && attributes.device == device_index_;
  }

  void run(LaneTask* tasks, std::uint32_t count) override {
    cuda::make_current(device_index_);
    cuda::launch(stream_, {count, threads_, near_bytes(near_slot_bits_)}, run_lanes, tasks,
                 near_slot_bits_);
  }

 private:
  std::shared_ptr<DeviceMemory> memory_;  ///< keeps the stream
  cudaStream_t stream_;
  int device_index_;
  std::uint32_t threads_ = kLaneThreads;  ///< of a lane
  std::uint32_t near_slot_bits_ = kLeastSlotBits;
};

}  // namespace

std::unique_ptr<LaneRunner> make_lane_runner(Backend& backend) {
  return std::make_unique<CudaLaneRunner>(backend);
}

}  // namespace harpy::token_passing

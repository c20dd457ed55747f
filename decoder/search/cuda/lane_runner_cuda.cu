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

constexpr std::size_t kSlotBytes = sizeof(HashSlot) + sizeof(std::uint32_t);

/// Shared memory of a lane beside what the kernel itself has.
constexpr std::size_t near_bytes(std::uint32_t slot_bits, std::uint32_t threads) {
  return (kSlotBytes << slot_bits) + (kBinCount + threads) * sizeof(std::uint32_t);
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

/// Each block of at most `kThreads` threads carries out one task, `kLanes` blocks on a
/// multiprocessor. A block's near memory is its shared memory, which holds the hash table, then the
/// bins, then the sums of threads.
template <std::uint32_t kThreads, std::uint32_t kLanes>
__global__ void __launch_bounds__(kThreads, kLanes)
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

std::uint32_t attribute(cudaDeviceAttr name, int device_index) {
  int value = 0;
  check(cudaDeviceGetAttribute(&value, name, device_index));
  return static_cast<std::uint32_t>(value);
}

/// A form of the kernel: so many threads a lane, and so many lanes on a multiprocessor.
struct KernelForm {
  std::uint32_t threads, lanes;
  void (*kernel)(LaneTask*, std::uint32_t);
};

template <std::uint32_t kThreads, std::uint32_t kLanes>
constexpr KernelForm kernel_form() {
  static_assert(kThreads <= kMaxPhaseThreads);
  return {kThreads, kLanes, run_lanes<kThreads, kLanes>};
}

KernelForm kernel_form(LaneForm form) {
  return form == LaneForm::kWide ? kernel_form<1024, 1>() : kernel_form<512, 2>();
}

class CudaLaneRunner final : public LaneRunner {
 public:
  CudaLaneRunner(Backend& backend, LaneForm form)
      : memory_(backend.memory()),
        stream_(cuda::stream_of(backend)),
        device_index_(backend.device().index),
        form_(kernel_form(form)) {
    cudaFuncAttributes kernel{};
    check(cudaFuncGetAttributes(&kernel, form_.kernel));
    // Fewer where the kernel takes more registers, as it does when a sanitizer instruments it.
    form_.threads = std::min(form_.threads, static_cast<std::uint32_t>(kernel.maxThreadsPerBlock));
    const std::size_t shared_bytes =
        attribute(cudaDevAttrMaxSharedMemoryPerMultiprocessor, device_index_);
    // Of a lane, beside its near memory.
    const std::size_t other_bytes =
        kernel.sharedSizeBytes + attribute(cudaDevAttrReservedSharedMemoryPerBlock, device_index_);
    const std::size_t room = shared_bytes / form_.lanes - other_bytes;
    while (near_bytes(near_slot_bits_ + 1, form_.threads) <= room) ++near_slot_bits_;
    const std::size_t bytes = near_bytes(near_slot_bits_, form_.threads);
    set_attribute(cudaFuncAttributeMaxDynamicSharedMemorySize, bytes);
    // Asked for in per cent, since the device might make room for one lane alone.
    const std::size_t lanes_bytes = form_.lanes * (bytes + other_bytes);
    set_attribute(cudaFuncAttributePreferredSharedMemoryCarveout,
                  (100 * lanes_bytes + shared_bytes - 1) / shared_bytes);
  }

  const std::shared_ptr<DeviceMemory>& memory() const override { return memory_; }

  std::uint32_t lane_count() const override {
    return form_.lanes * attribute(cudaDevAttrMultiProcessorCount, device_index_);
  }

  bool can_read(const float* values) const override {
    cuda::make_current(device_index_);
    cudaPointerAttributes attributes{};
    check(cudaPointerGetAttributes(&attributes, values));
    return attributes.type == cudaMemoryTypeDevice && attributes.device == device_index_;
  }

  void run(LaneTask* tasks, std::uint32_t count) override {
    cuda::make_current(device_index_);
    cuda::launch(stream_, {count, form_.threads, near_bytes(near_slot_bits_, form_.threads)},
                 form_.kernel, tasks, near_slot_bits_);
  }

 private:
  void set_attribute(cudaFuncAttribute name, std::size_t value) {
    check(cudaFuncSetAttribute(form_.kernel, name, static_cast<int>(value)));
  }

  std::shared_ptr<DeviceMemory> memory_;  ///< keeps the stream
  cudaStream_t stream_;
  int device_index_;
  KernelForm form_;
  std::uint32_t near_slot_bits_ = kLeastSlotBits;
};

}  // namespace

std::unique_ptr<LaneRunner> make_lane_runner(Backend& backend, LaneForm form) {
  return std::make_unique<CudaLaneRunner>(backend, form);
}

}  // namespace harpy::token_passing

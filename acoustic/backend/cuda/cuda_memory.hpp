#pragma once

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "acoustic/backend/cuda/stream.hpp"
#include "acoustic/backend/device_buffer.hpp"

namespace harpy::cuda {

/// Memory of a CUDA device, allocated and freed in the order of one stream's work. Freed blocks
/// stay in a pool of the object's own until it ends. Copies from the host pass through pinned
/// memory, so that they need not wait for the device.
class CudaMemory : public DeviceMemory {
 public:
  explicit CudaMemory(int device_index);
  ~CudaMemory() override;
  CudaMemory(const CudaMemory&) = delete;
  CudaMemory& operator=(const CudaMemory&) = delete;

  /// As long as it lives, its thread records the work of the memory's stream. Nothing of other
  /// threads gets into the recording: what they free is freed when the object ends, and what they
  /// allocate they wait for.
  class Recording {
   public:
    explicit Recording(CudaMemory& memory);
    ~Recording();
    Recording(const Recording&) = delete;
    Recording& operator=(const Recording&) = delete;

   private:
    CudaMemory& memory_;
  };

  cudaStream_t stream() const { return stream_.get(); }

  void* allocate(std::size_t size_bytes) override;
  void deallocate(void* data, std::size_t size_bytes) noexcept override;
  void copy_from_host(void* target, const void* source, std::size_t size_bytes) override;
  void copy_to_host(void* target, const void* source, std::size_t size_bytes) override;
  void copy_within(void* target, const void* source, std::size_t size_bytes) override;
  void fill_zero(void* target, std::size_t size_bytes) override;
  void* allocate_host(std::size_t size_bytes) override;
  void deallocate_host(void* data) noexcept override;
  void send(void* target, const void* source, std::size_t size_bytes) override;
  void receive(void* target, const void* source, std::size_t size_bytes) override;
  void wait() override;

 private:
  /// Pinned host memory that a copy passes through.
  struct Stage {
    void* data = nullptr;
    Event copied;  ///< recorded when the device has read it
  };
  static constexpr std::size_t kStageBytes = std::size_t{4} << 20;

  Stage& next_stage();
  bool is_recorded_elsewhere() const;
  void free_in_order(void* data) noexcept;

  int device_index_;
  Stream stream_;
  cudaMemPool_t pool_ = nullptr;
  std::array<Stage, 4> stages_;
  std::size_t stage_index_ = 0;

  std::mutex mutex_;  ///< of allocations, frees, and what follows
  std::condition_variable recorded_;
  std::thread::id recorder_;  ///< none, unless a recording is under way
  std::vector<void*> freed_meanwhile_;
};

}  // namespace harpy::cuda

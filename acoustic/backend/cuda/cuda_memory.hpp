#pragma once

#include <array>

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

  cudaStream_t stream() const { return stream_.get(); }

  void* allocate(std::size_t size_bytes) override;
  void deallocate(void* data, std::size_t size_bytes) noexcept override;
  void copy_from_host(void* target, const void* source, std::size_t size_bytes) override;
  void copy_to_host(void* target, const void* source, std::size_t size_bytes) override;
  void copy_within(void* target, const void* source, std::size_t size_bytes) override;
  void fill_zero(void* target, std::size_t size_bytes) override;

 private:
  /// Pinned host memory that a copy passes through.
  struct Stage {
    void* data = nullptr;
    Event copied;  ///< recorded when the device has read it
  };
  static constexpr std::size_t kStageBytes = std::size_t{4} << 20;

  Stage& next_stage();

  int device_index_;
  Stream stream_;
  cudaMemPool_t pool_ = nullptr;
  std::array<Stage, 4> stages_;
  std::size_t stage_index_ = 0;
};

}  // namespace harpy::cuda

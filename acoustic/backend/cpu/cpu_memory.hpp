#pragma once

#include <array>
#include <mutex>

#include "acoustic/backend/device_buffer.hpp"

namespace harpy::cpu {

/// Host memory in blocks aligned to 64 bytes. Sizes are rounded up to one of four classes in each
/// power of two, so at most a quarter is lost. Freed blocks wait in a list of their class until the
/// object ends.
class CpuMemory : public DeviceMemory {
 public:
  CpuMemory() = default;
  CpuMemory(const CpuMemory&) = delete;
  CpuMemory& operator=(const CpuMemory&) = delete;
  ~CpuMemory() override;

  void* allocate(std::size_t size_bytes) override;
  void deallocate(void* data, std::size_t size_bytes) noexcept override;
  void copy_from_host(void* target, const void* source, std::size_t size_bytes) override;
  void copy_to_host(void* target, const void* source, std::size_t size_bytes) override;
  void copy_within(void* target, const void* source, std::size_t size_bytes) override;
  void fill_zero(void* target, std::size_t size_bytes) override;

  /// Blocks asked of the system so far.
  std::size_t system_allocation_count() const;

 private:
  /// A freed block holds the link to the next one.
  struct FreeBlock {
    FreeBlock* next;
  };
  static constexpr std::size_t kClassCount = 256;

  mutable std::mutex mutex_;
  std::array<FreeBlock*, kClassCount> free_blocks_{};
  std::size_t system_allocation_count_ = 0;
};

}  // namespace harpy::cpu

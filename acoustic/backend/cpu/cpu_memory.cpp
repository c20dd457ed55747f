#include "acoustic/backend/cpu/cpu_memory.hpp"

#include <bit>
#include <cstring>
#include <limits>
#include <new>

namespace harpy::cpu {
namespace {

constexpr std::size_t kAlignment = 64;

struct SizeClass {
  std::size_t index;
  std::size_t size_bytes;
};

/// Classes are k * 2^e with k = 4 .. 7 and a size of at least kAlignment.
SizeClass size_class(std::size_t size_bytes) {
  if (size_bytes > std::numeric_limits<std::size_t>::max() / 4) throw std::bad_alloc();
  if (size_bytes <= kAlignment) return {0, kAlignment};
  const auto exponent = static_cast<std::size_t>(std::bit_width(size_bytes - 1)) - 3;
  const std::size_t quarters = ((size_bytes - 1) >> exponent) + 1;  // 5 .. 8
  return {exponent * 4 + quarters, quarters << exponent};
}

}  // namespace

CpuMemory::~CpuMemory() {
  for (FreeBlock* block : free_blocks_) {
    while (block != nullptr) {
      FreeBlock* next = block->next;
      ::operator delete (block, std::align_val_t{kAlignment});
      block = next;
    }
  }
}

void* CpuMemory::allocate(std::size_t size_bytes) {
  const SizeClass wanted = size_class(size_bytes);
  {
    const std::lock_guard lock(mutex_);
    if (FreeBlock* block = free_blocks_[wanted.index]) {
      free_blocks_[wanted.index] = block->next;
      return block;
    }
    ++system_allocation_count_;
  }
  return ::operator new (wanted.size_bytes, std::align_val_t{kAlignment});
}

void CpuMemory::deallocate(void* data, std::size_t size_bytes) noexcept {
  const SizeClass given = size_class(size_bytes);
  const std::lock_guard lock(mutex_);
  free_blocks_[given.index] = ::new (data) FreeBlock{free_blocks_[given.index]};
}

void CpuMemory::copy_from_host(void* target, const void* source, std::size_t size_bytes) {
  if (size_bytes > 0) std::memcpy(target, source, size_bytes);  // nothing may be null
}

void CpuMemory::copy_to_host(void* target, const void* source, std::size_t size_bytes) {
  if (size_bytes > 0) std::memcpy(target, source, size_bytes);
}

void CpuMemory::copy_within(void* target, const void* source, std::size_t size_bytes) {
  std::memmove(target, source, size_bytes);
}

void CpuMemory::fill_zero(void* target, std::size_t size_bytes) {
  std::memset(target, 0, size_bytes);
}

std::size_t CpuMemory::system_allocation_count() const {
  const std::lock_guard lock(mutex_);
  return system_allocation_count_;
}

}  // namespace harpy::cpu

#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <map>
#include <new>
#include <vector>

#include "acoustic/backend/device_buffer.hpp"

namespace harpy::testing {

/// A device's memory, played by the host's: out of reach but for copies and while lanes run, so
/// that whoever follows a device's pointer on the host is caught. Fresh memory holds garbage.
class GuardedMemory final : public DeviceMemory {
 public:
  /// `limit_bytes`: the device's size; std::bad_alloc beyond.
  explicit GuardedMemory(std::size_t limit_bytes = kSize) : limit_(limit_bytes) {
    void* const place =
        mmap(nullptr, kSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (place == MAP_FAILED) throw std::bad_alloc();
    base_ = static_cast<std::byte*>(place);
  }
  ~GuardedMemory() override { munmap(base_, kSize); }
  GuardedMemory(const GuardedMemory&) = delete;
  GuardedMemory& operator=(const GuardedMemory&) = delete;

  /// While it lives, the memory can be reached.
  class Access {
   public:
    explicit Access(GuardedMemory& memory) : memory_(memory) { memory_.open(); }
    ~Access() { memory_.close(); }
    Access(const Access&) = delete;
    Access& operator=(const Access&) = delete;

   private:
    GuardedMemory& memory_;
  };

  bool contains(const void* place) const { return place >= base_ && place < base_ + kSize; }
  std::size_t allocated_bytes() const { return allocated_; }
  void set_limit(std::size_t limit_bytes) { limit_ = limit_bytes; }

  void* allocate(std::size_t size_bytes) override {
    const std::size_t size = rounded(size_bytes);
    if (allocated_ + size > limit_) throw std::bad_alloc();
    std::vector<std::byte*>& reusable = free_[size];
    std::byte* place = nullptr;
    if (reusable.empty()) {
      if (used_ + size > kSize) throw std::bad_alloc();
      place = base_ + used_;
      used_ += size;
    } else {
      place = reusable.back();
      reusable.pop_back();
    }
    allocated_ += size;
    const Access access(*this);
    std::memset(place, 0xA5, size);
    return place;
  }
  void deallocate(void* data, std::size_t size_bytes) noexcept override {
    allocated_ -= rounded(size_bytes);
    free_[rounded(size_bytes)].push_back(static_cast<std::byte*>(data));
  }
  void copy_from_host(void* target, const void* source, std::size_t size_bytes) override {
    const Access access(*this);
    std::memcpy(target, source, size_bytes);
  }
  void copy_to_host(void* target, const void* source, std::size_t size_bytes) override {
    const Access access(*this);
    std::memcpy(target, source, size_bytes);
  }
  void copy_within(void* target, const void* source, std::size_t size_bytes) override {
    const Access access(*this);
    std::memcpy(target, source, size_bytes);
  }
  void fill_zero(void* target, std::size_t size_bytes) override {
    const Access access(*this);
    std::memset(target, 0, size_bytes);
  }

 private:
  static constexpr std::size_t kSize = std::size_t{1} << 31;
  static std::size_t rounded(std::size_t size) { return (size + 255) / 256 * 256; }

  void open() {
    if (access_count_++ == 0) mprotect(base_, used_, PROT_READ | PROT_WRITE);
  }
  void close() {
    if (--access_count_ == 0) mprotect(base_, used_, PROT_NONE);
  }

  std::byte* base_ = nullptr;
  std::size_t limit_;
  std::size_t used_ = 0;
  std::size_t allocated_ = 0;
  int access_count_ = 0;
  std::map<std::size_t, std::vector<std::byte*>> free_;
};

}  // namespace harpy::testing

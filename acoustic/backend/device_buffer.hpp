#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace harpy {

/// Allocates, frees and moves bytes on one device. Freed blocks are kept for reuse, so that steady
/// work never reaches the system allocator.
///
/// On a CUDA device every call is a step of the memory's stream: steps are carried out one after
/// another, in the order of the calls, and a call returns before its step has been carried out
/// unless it says that it waits. On the CPU every call is done when it returns.
/// Threads: allocate and deallocate may be called from any thread, the others by one at a time.
/// Errors: std::bad_alloc; DeviceError on a CUDA device, perhaps of an earlier step.
class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  /// The bytes are undefined. Does not wait.
  virtual void* allocate(std::size_t size_bytes) = 0;
  /// Does not wait: steps that were given before may still use the block, since whoever gets it
  /// next uses it in later steps. `size_bytes` is what it was allocated with.
  virtual void deallocate(void* data, std::size_t size_bytes) noexcept = 0;
  /// Waits only until `source` has been read, so that the caller may change it; the copy itself may
  /// still be under way.
  virtual void copy_from_host(void* target, const void* source, std::size_t size_bytes) = 0;
  /// Waits for all earlier steps and for the copy: `target` holds the bytes afterwards.
  virtual void copy_to_host(void* target, const void* source, std::size_t size_bytes) = 0;
  /// Does not wait. The two ranges must not overlap.
  virtual void copy_within(void* target, const void* source, std::size_t size_bytes) = 0;
  /// Does not wait.
  virtual void fill_zero(void* target, std::size_t size_bytes) = 0;

  /// Host memory from which and into which a device copies by itself, while the host goes on.
  /// Threads: any.
  virtual void* allocate_host(std::size_t size_bytes) { return ::operator new(size_bytes); }
  /// No step that uses the memory may be under way.
  virtual void deallocate_host(void* data) noexcept { ::operator delete(data); }
  /// As copy_from_host, for memory of allocate_host. Does not wait: the source must stay as it is
  /// until the step has been carried out.
  virtual void send(void* target, const void* source, std::size_t size_bytes) {
    copy_from_host(target, source, size_bytes);
  }
  /// As copy_to_host, for memory of allocate_host. Does not wait: the target holds the bytes after
  /// the next wait.
  virtual void receive(void* target, const void* source, std::size_t size_bytes) {
    copy_to_host(target, source, size_bytes);
  }
  /// Waits for all earlier steps.
  virtual void wait() {}
};

/// Where a block of DeviceMemory lies: on the device, or on the host beside it.
struct OnDevice {
  static void* allocate(DeviceMemory& memory, std::size_t size_bytes) {
    return memory.allocate(size_bytes);
  }
  static void deallocate(DeviceMemory& memory, void* data, std::size_t size_bytes) noexcept {
    memory.deallocate(data, size_bytes);
  }
};
struct OnHost {
  static void* allocate(DeviceMemory& memory, std::size_t size_bytes) {
    return memory.allocate_host(size_bytes);
  }
  static void deallocate(DeviceMemory& memory, void* data, std::size_t /*size_bytes*/) noexcept {
    memory.deallocate_host(data);
  }
};

/// Owns `size` values of T in a block of DeviceMemory. It can be moved but not copied; the values
/// are undefined until something is copied into them.
template <typename T, typename Place>
class OwnedBlock {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  OwnedBlock() = default;
  OwnedBlock(std::shared_ptr<DeviceMemory> memory, std::size_t size)
      : memory_(std::move(memory)),
        data_(size ? static_cast<T*>(Place::allocate(*memory_, size * sizeof(T))) : nullptr),
        size_(size) {}
  OwnedBlock(OwnedBlock&& other) noexcept
      : memory_(std::move(other.memory_)),
        data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  OwnedBlock& operator=(OwnedBlock&& other) noexcept {
    std::swap(memory_, other.memory_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~OwnedBlock() {
    if (data_ != nullptr) Place::deallocate(*memory_, data_, size_ * sizeof(T));
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  std::size_t size() const { return size_; }

 protected:
  DeviceMemory& memory() const { return *memory_; }

 private:
  std::shared_ptr<DeviceMemory> memory_;
  T* data_ = nullptr;
  std::size_t size_ = 0;
};

/// Values in host memory from which and into which a device copies by itself.
template <typename T>
using HostBuffer = OwnedBlock<T, OnHost>;

/// Values on a device.
template <typename T>
class DeviceBuffer : public OwnedBlock<T, OnDevice> {
 public:
  using OwnedBlock<T, OnDevice>::OwnedBlock;

  /// Fills the first values. Waits only until `source` has been read, see DeviceMemory.
  void copy_from_host(std::span<const T> source) {
    this->memory().copy_from_host(this->data(), source.data(), source.size_bytes());
  }
  /// Copies the first values. Waits for them and for all earlier steps, see DeviceMemory.
  void copy_to_host(std::span<T> target) const {
    this->memory().copy_to_host(target.data(), this->data(), target.size_bytes());
  }
};

}  // namespace harpy

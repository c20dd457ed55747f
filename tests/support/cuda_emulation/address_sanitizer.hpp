#pragma once

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

/// What AddressSanitizer is told and asked; nothing in a build without it.
namespace harpy::cuda_emulation {

/// Nobody may touch the bytes from now on.
inline void forbid([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size_bytes) {
#ifdef __SANITIZE_ADDRESS__
  __asan_poison_memory_region(data, size_bytes);
#endif
}

inline void allow([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size_bytes) {
#ifdef __SANITIZE_ADDRESS__
  __asan_unpoison_memory_region(data, size_bytes);
#endif
}

/// Whether bytes may be touched, all of them, which libraries compiled without the sanitizer do.
inline bool is_allowed([[maybe_unused]] const void* data, [[maybe_unused]] std::size_t size_bytes) {
#ifdef __SANITIZE_ADDRESS__
  return __asan_region_is_poisoned(const_cast<void*>(data), size_bytes) == nullptr;
#else
  return true;
#endif
}

}  // namespace harpy::cuda_emulation

#pragma once

#include <cstddef>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

/// What the sanitizers are told of; nothing in a build without them.
namespace harpy::cuda_emulation {

#ifdef __SANITIZE_THREAD__
inline constexpr bool kFibersAreSanitized = true;
#else
inline constexpr bool kFibersAreSanitized = false;
#endif

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

/// What threads did before publish(place) is done before what others do after observe(place).
inline void publish([[maybe_unused]] void* place) {
#ifdef __SANITIZE_THREAD__
  __tsan_release(place);
#endif
}

inline void observe([[maybe_unused]] void* place) {
#ifdef __SANITIZE_THREAD__
  __tsan_acquire(place);
#endif
}

}  // namespace harpy::cuda_emulation

#pragma once

#ifdef HARPY_THREAD_SANITIZER
#include <sanitizer/tsan_interface.h>
#endif

/// What ThreadSanitizer is told of the threads of blocks, so that it looks at them as at threads
/// that run at once; nothing in a build without it. What looks after them is compiled without it.
namespace harpy::cuda_emulation {

#ifdef HARPY_THREAD_SANITIZER
/// Whether each thread of a block must be a thread for ThreadSanitizer.
inline constexpr bool kWatchesThreads = true;

inline void* make_watched_thread() { return __tsan_create_fiber(0); }
inline void end_watched_thread(void* thread) { __tsan_destroy_fiber(thread); }
inline void* watched_thread() { return __tsan_get_current_fiber(); }
/// From here on another thread runs, which knows nothing of what this one has done.
inline void watch(void* thread) { __tsan_switch_to_fiber(thread, __tsan_switch_to_fiber_no_sync); }

/// What the calling thread has done until now comes before what others do after `follow` with the
/// same mark.
inline void precede(void* mark) { __tsan_release(mark); }
inline void follow(void* mark) { __tsan_acquire(mark); }
#else
inline constexpr bool kWatchesThreads = false;

inline void* make_watched_thread() { return nullptr; }
inline void end_watched_thread(void* /*thread*/) {}
inline void* watched_thread() { return nullptr; }
inline void watch(void* /*thread*/) {}
inline void precede(void* /*mark*/) {}
inline void follow(void* /*mark*/) {}
#endif

}  // namespace harpy::cuda_emulation

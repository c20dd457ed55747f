#include "service/server/heap_trimmer.hpp"

#include <stop_token>

#include <malloc.h>

namespace harpy {

namespace {

/// What is larger than this goes back to the system as soon as it is freed. The C library begins
/// with the same, but raises it to the largest array that was ever freed: arrays of sessions then
/// leave holes between each other.
constexpr int kMappedBytes = 128 << 10;

}  // namespace

HeapTrimmer::HeapTrimmer(std::chrono::milliseconds interval)
    : thread_([this, interval](const std::stop_token& stop) { trim_until(stop, interval); }) {
  ::mallopt(M_MMAP_THRESHOLD, kMappedBytes);
}

void HeapTrimmer::trim_until(const std::stop_token& stop, std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
    ::malloc_trim(0);
  }
}

}  // namespace harpy

#include "service/server/heap_trimmer.hpp"

#include <stop_token>

#include <malloc.h>

namespace harpy {

HeapTrimmer::HeapTrimmer(std::chrono::milliseconds interval)
    : thread_([this, interval](const std::stop_token& stop) { trim_until(stop, interval); }) {}

void HeapTrimmer::trim_until(const std::stop_token& stop, std::chrono::milliseconds interval) {
  std::unique_lock lock(mutex_);
  while (!stopped_.wait_for(lock, stop, interval, [&] { return stop.stop_requested(); })) {
    ::malloc_trim(0);
  }
}

}  // namespace harpy

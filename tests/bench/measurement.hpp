#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <span>
#include <vector>

#include "acoustic/backend/backend.hpp"

namespace harpy::bench {

using Clock = std::chrono::steady_clock;

inline double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Seconds that one of many calls takes, the device's work included. The first calls, in which
/// memory is taken and steps are recorded, do not count.
template <typename Work>
double seconds_a_call(Backend& backend, double least_s, const Work& work) {
  constexpr int kWarmUpCalls = 3;
  for (int i = 0; i < kWarmUpCalls; ++i) work();
  backend.synchronize();
  const Clock::time_point start = Clock::now();
  for (std::size_t calls = 0, next = 1;; next *= 2) {
    for (; calls < next; ++calls) work();
    backend.synchronize();
    const double seconds = seconds_since(start);
    if (seconds >= least_s) return seconds / static_cast<double>(calls);
  }
}

/// The smallest value that at least `percent` of a hundred of the sorted values do not exceed, or
/// the one before it; 0 of none.
inline float percentile(std::span<const float> sorted, double percent) {
  if (sorted.empty()) return 0.0F;
  return sorted[static_cast<std::size_t>(percent / 100.0 * static_cast<double>(sorted.size() - 1))];
}

/// A line of percentiles. Sorts the values, in milliseconds.
inline void print_percentiles(const char* name, std::vector<float>& values_ms) {
  std::sort(values_ms.begin(), values_ms.end());
  const auto value = [&](double percent) {
    return static_cast<double>(percentile(values_ms, percent));
  };
  std::printf("%-10s %9zu, p50 %.1f, p95 %.1f, p99 %.1f, max %.1f ms\n", name, values_ms.size(),
              value(50), value(95), value(99), value(100));
}

}  // namespace harpy::bench

#include "service/recognizer/atomic_histogram.hpp"

#include <algorithm>

namespace harpy {

void AtomicHistogram::add(double value) {
  const auto bound = std::lower_bound(upper_bounds_.begin(), upper_bounds_.end(), value);
  const auto range = static_cast<std::size_t>(bound - upper_bounds_.begin());
  counts_[range].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

AtomicHistogram::Snapshot AtomicHistogram::snapshot() const {
  Snapshot snapshot{.upper_bounds = upper_bounds_,
                    .counts = std::vector<std::uint64_t>(counts_.begin(), counts_.end()),
                    .sum = sum_.load(std::memory_order_relaxed)};
  return snapshot;
}

}  // namespace harpy

#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <vector>

namespace harpy {

/// Rows of equal length, appended at the back and taken from the front, contiguous in memory. Once
/// it has grown to its working size it allocates nothing.
class RowQueue {
 public:
  explicit RowQueue(int dim) : dim_(static_cast<std::size_t>(dim)) {}

  std::int64_t size() const { return static_cast<std::int64_t>(values_.size() / dim_ - head_); }
  /// How many rows were removed so far. This is the index in the stream of row(0).
  std::int64_t removed_count() const { return removed_count_; }

  /// Appends a row of zeros to be filled. Invalidates all spans.
  std::span<float> append() {
    if (head_ > 0 && 2 * head_ * dim_ >= values_.size()) {
      values_.erase(values_.begin(), values_.begin() + static_cast<std::ptrdiff_t>(head_ * dim_));
      head_ = 0;
    }
    values_.resize(values_.size() + dim_);
    return std::span(values_).last(dim_);
  }

  /// The row `index` places behind the first.
  std::span<const float> row(std::int64_t index) const {
    return std::span(values_).subspan((head_ + static_cast<std::size_t>(index)) * dim_, dim_);
  }

  /// Removes the first rows, at most `max_rows`; they stay readable until the next append.
  /// Errors: std::invalid_argument for a negative count.
  std::span<const float> take(std::int64_t max_rows) {
    if (max_rows < 0) throw std::invalid_argument("take: expected a count of at least 0");
    const std::int64_t count = std::min(max_rows, size());
    const auto rows =
        std::span(values_).subspan(head_ * dim_, static_cast<std::size_t>(count) * dim_);
    head_ += static_cast<std::size_t>(count);
    removed_count_ += count;
    return rows;
  }

 private:
  std::size_t dim_;
  std::size_t head_ = 0;  ///< rows removed that still lie in front of values_
  std::int64_t removed_count_ = 0;
  std::vector<float> values_;
};

}  // namespace harpy

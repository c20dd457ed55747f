#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace harpy::kaldi {

/// A matrix as Kaldi's files hold it, row after row. Without rows or without columns it is empty.
template <typename Value>
struct Matrix {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  std::vector<Value> values;  ///< [rows, columns]

  Value at(std::int64_t row, std::int64_t column) const {
    return values[static_cast<std::size_t>(row * columns + column)];
  }
};

}  // namespace harpy::kaldi

#pragma once

#include <cstddef>
#include <vector>

namespace harpy::forward_backward {

/// Makes room for `size` values; arrays that are used again and again never shrink.
template <typename Value>
void grow(std::vector<Value>& values, std::size_t size) {
  if (values.size() < size) values.resize(size);
}

}  // namespace harpy::forward_backward

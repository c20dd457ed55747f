#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace harpy::token_passing {

/// Resizes an array of a stream at rest, of which a server holds many: where it has not enough room
/// or over a quarter more than it needs, it gets a sixteenth more than that. What it holds stays,
/// up to `count` items.
template <typename T>
void resize_tightly(std::vector<T>& values, std::size_t count) {
  if (values.capacity() < count || values.capacity() > count + count / 4) {
    std::vector<T> fitting;
    fitting.reserve(count + count / 16);
    const auto begin = values.begin();
    fitting.assign(begin, begin + static_cast<std::ptrdiff_t>(std::min(count, values.size())));
    values.swap(fitting);
  }
  values.resize(count);
}

}  // namespace harpy::token_passing

#pragma once

#include <cstddef>

#include <malloc.h>

namespace harpy::testing {

/// Bytes that the program has allocated and not given back; 0 if another allocator than the C
/// library's counts them, as a sanitizer's.
inline std::size_t allocated_bytes() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

}  // namespace harpy::testing

#include "tools/bench/stream_capacity.hpp"

#include <algorithm>

namespace harpy::tools {

namespace {

/// The answer may be too small by this part of itself.
constexpr int kPrecision = 16;

}  // namespace

int find_stream_capacity(int most, const std::function<bool(int)>& holds) {
  int held = 0;
  int failed = most + 1;
  for (int next = 1; held < most; next = std::min(2 * next, most)) {
    if (!holds(next)) {
      failed = next;
      break;
    }
    held = next;
  }
  while (failed - held > std::max(1, held / kPrecision)) {
    const int next = held + (failed - held) / 2;
    (holds(next) ? held : failed) = next;
  }
  return held;
}

}  // namespace harpy::tools

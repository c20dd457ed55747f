#include "tools/terminal/duration.hpp"

#include <algorithm>
#include <cmath>

#include "models/files/printed.hpp"

namespace harpy::tools {

std::string format_duration(double seconds) {
  const auto total = static_cast<long long>(std::llround(std::max(seconds, 0.0)));
  if (total < 3600) return printed("%lld:%02lld", total / 60, total % 60);
  return printed("%lld:%02lld:%02lld", total / 3600, total / 60 % 60, total % 60);
}

}  // namespace harpy::tools

#pragma once

#include <chrono>
#include <string>

namespace harpy {

/// A time in UTC to the millisecond: "2024-08-29T22:37:55.202Z".
std::string utc_text(std::chrono::system_clock::time_point time);

}  // namespace harpy

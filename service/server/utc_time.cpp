#include "service/server/utc_time.hpp"

#include <array>
#include <ctime>

namespace harpy {

std::string utc_text(std::chrono::system_clock::time_point time) {
  const auto since_epoch =
      std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const auto seconds = static_cast<std::time_t>(since_epoch / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const std::string milliseconds = std::to_string(1000 + since_epoch % 1000).substr(1);
  return std::string(text.data(), size) + "." + milliseconds + "Z";
}

}  // namespace harpy

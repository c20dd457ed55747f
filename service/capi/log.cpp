#include "service/capi/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_sinks.h>

namespace harpy::capi {

spdlog::logger& log() {
  // Never destroyed: threads may still log while the program ends.
  static spdlog::logger& logger = *[] {
    auto made = std::make_unique<spdlog::logger>("harpy",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("harpy: %l: %v");
    return made.release();
  }();
  return logger;
}

void set_log_level(int level) {
  log().set_level(level < 0    ? spdlog::level::off
                  : level == 0 ? spdlog::level::info
                               : spdlog::level::debug);
}

}  // namespace harpy::capi

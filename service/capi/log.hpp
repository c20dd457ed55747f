#pragma once

#include <spdlog/logger.h>

namespace harpy::capi {

/// The log of the C library, on standard error. Threads: any.
spdlog::logger& log();

/// The level, as Vosk counts it: 0 for events and errors, below 0 for nothing, above 0 for more
/// detail.
void set_log_level(int level);

}  // namespace harpy::capi

#pragma once

#include <spdlog/logger.h>

namespace harpy::capi {

/// The log of the C library, on standard error. Threads: any.
spdlog::logger& log();

/// What is logged, as Vosk counts: 0 what happens and what goes wrong, below 0 nothing, above 0
/// more.
void set_log_level(int level);

}  // namespace harpy::capi

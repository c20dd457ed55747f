#pragma once

#include <string>

#include "service/server/server_state.hpp"

namespace harpy {

/// All metrics of a server in Prometheus's text format, version 0.0.4 (docs/operations.md lists
/// them). They are collected here and nowhere stored. Threads: the I/O thread.
std::string metrics_text(const ServerState& state);

}  // namespace harpy

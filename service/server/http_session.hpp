#pragma once

#include <memory>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Serves a connection that speaks HTTP until it becomes a WebSocket: /livez, /readyz and upgrades.
/// `slot` is kept until the connection ends. Threads: the I/O thread.
void start_http(Socket socket, std::shared_ptr<ServerState> state, std::shared_ptr<void> slot);

}  // namespace harpy

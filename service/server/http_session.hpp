#pragma once

#include <memory>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Serves a connection that speaks HTTP until it becomes a WebSocket: pages of the server's health
/// and, unless the listener is for them alone, upgrades to the listener's protocols. `slot` is kept
/// until the connection ends. Threads: the I/O thread.
void start_http(Socket socket, std::shared_ptr<ServerState> state,
                std::shared_ptr<ConnectionSlot> slot);

}  // namespace harpy

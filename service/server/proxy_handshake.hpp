#pragma once

#include <functional>
#include <memory>

#include "service/server/server_state.hpp"

namespace harpy {

/// Serves a connection once its proxy has said whose it is; the slot knows it by then.
using ServeProxied = std::function<void(Socket socket, std::shared_ptr<ConnectionSlot> slot)>;

/// Reads the header of the PROXY protocol with which a trusted proxy begins a connection
/// (proxy_header.hpp), and not a byte behind it. A header that is none, or does not come within the
/// handshake timeout, closes the connection, and so do too many connections of the client.
/// Threads: the I/O thread.
void start_proxied(Socket socket, std::shared_ptr<ServerState> state,
                   std::shared_ptr<ConnectionSlot> slot, ServeProxied serve);

}  // namespace harpy

#pragma once

#include <functional>
#include <memory>

#include "service/server/client_stream.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Who serves a connection once it can be talked over; keeps the slot until it ends.
using ServeClient = std::function<void(ClientStream, std::shared_ptr<ServerState>,
                                       std::shared_ptr<ConnectionSlot>)>;

/// Shakes hands by TLS with what the slot's listener shows, then lets the connection be served. A
/// client that does not keep to TLS, or takes longer than the handshake timeout, is closed, and the
/// log says why. Threads: the I/O thread.
void start_tls(Socket socket, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot, ServeClient serve);

}  // namespace harpy

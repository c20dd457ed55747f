#pragma once

#include <memory>

#include "service/server/client_stream.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Serves a connection of a listener for a protocol over plain TCP: carries the bytes of a
/// conversation (conversation_transport.hpp), or tells the client in the protocol's own form why it
/// gets no session. When the client shuts down its side, its input is at its end; when everything
/// is said, the server shuts down its own side and waits until the client has closed. `slot` is
/// kept until the connection ends. Threads: the I/O thread.
void start_tcp(ClientStream stream, std::shared_ptr<ServerState> state,
               std::shared_ptr<ConnectionSlot> slot);

}  // namespace harpy

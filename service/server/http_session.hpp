#pragma once

#include <memory>

#include <boost/beast/core/flat_buffer.hpp>

#include "service/server/client_stream.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// What a request has left behind that somebody else has answered.
struct EarlierRequest {
  boost::beast::flat_buffer unread;  ///< what was read behind it
  bool is_last = false;              ///< whether the connection ends with its answer
};

/// Serves a connection that speaks HTTP until it becomes a WebSocket: pages of the server's health
/// and, unless the listener is for them alone, upgrades to the listener's protocols and requests to
/// those over HTTP. `slot` is kept until the connection ends. Threads: the I/O thread.
void start_http(ClientStream stream, std::shared_ptr<ServerState> state,
                std::shared_ptr<ConnectionSlot> slot, const EarlierRequest& earlier = {});

}  // namespace harpy

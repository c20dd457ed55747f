#pragma once

#include <memory>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::empty_body>;

/// Takes over a connection whose client has asked for a WebSocket: shakes hands and carries the
/// messages of a conversation, whose protocol it does not know.
///
/// It reads while the conversation has room, so that otherwise TCP slows the client down; it writes
/// one message at a time and watches over clients that are silent, gone or do not read. `slot` is
/// kept until the connection ends. Threads: the I/O thread.
void start_websocket(Socket socket, const UpgradeRequest& request,
                     std::shared_ptr<ServerState> state, std::shared_ptr<void> slot);

}  // namespace harpy

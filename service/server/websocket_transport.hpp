#pragma once

#include <memory>

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>

#include "service/protocols/conversation.hpp"
#include "service/server/server_state.hpp"
#include "service/server/upgraded_socket.hpp"

namespace harpy {

using UpgradeRequest = boost::beast::http::request<boost::beast::http::empty_body>;

/// Takes over a connection whose client has asked for a WebSocket: shakes hands and carries the
/// messages of a conversation, whose protocol it does not know (conversation_transport.hpp). `slot`
/// is kept until the connection ends. Threads: the I/O thread.
void start_websocket(UpgradedSocket socket, const UpgradeRequest& request,
                     std::shared_ptr<ServerState> state, std::shared_ptr<ConnectionSlot> slot,
                     MakeConversation make_conversation);

}  // namespace harpy

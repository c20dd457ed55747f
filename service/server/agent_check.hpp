#pragma once

#include <memory>
#include <string>

#include "service/server/network.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// What a server tells a load balancer that asks how much is free, in the words of HAProxy's agent
/// checks (its configuration manual, "agent-check"):
///
///     up ready 63% maxconn:106
///     drain
///
/// The share is of the sessions that can be served at once, which follow from what recognition has
/// cost (ServerState::capacity), and so are the connections: a session is one. The share is rounded
/// up and at least 1, since HAProxy lets nobody wait for a server of 0 %. "ready" takes back a
/// "drain" that a server at the same address has said before it was started anew. A server that
/// drains takes no further sessions, and those that run go on.
std::string agent_check_line(const ServerState& state);

/// Tells the line to a client, whatever it sends, and closes the connection. `slot` is kept until
/// then. Threads: the I/O thread.
void answer_agent_check(Socket socket, const std::shared_ptr<ServerState>& state,
                        std::shared_ptr<ConnectionSlot> slot);

}  // namespace harpy

#pragma once

#include <optional>

#include "service/protocols/conversation.hpp"
#include "service/server/request_gate.hpp"

namespace harpy {

/// Decides on a request to upgrade to WebSocket: the protocol of its path reads it. Returns the
/// answer to one that is refused, in the words of that protocol; nothing: it is not, and
/// `make_conversation` is set. Threads: the I/O thread.
std::optional<Response> refuse_upgrade(const RequestHead& head, ServerState& state,
                                       ConnectionSlot& slot, MakeConversation& make_conversation);

}  // namespace harpy

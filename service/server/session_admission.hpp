#pragma once

#include <optional>
#include <string>

#include "service/protocols/protocol.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Why a client gets no session now, with the status of an HTTP answer: 503 where all are in use or
/// the server drains, 429 where this client has too many. The refusal is counted and logged.
/// Nothing: it may have one.
std::optional<Refusal> refuse_session(ServerState& state, ConnectionSlot& slot);

/// A name for a conversation that no other has: a random UUID.
std::string random_uuid();

/// What conversations of a listener begin with.
ProtocolSettings protocol_settings(const ServerState& state, const ServedListener& listener);

}  // namespace harpy

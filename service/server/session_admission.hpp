#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "service/protocols/protocol.hpp"
#include "service/protocols/upload_protocol.hpp"
#include "service/server/request_gate.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// Why a client does not get so many sessions more now, with the status of an HTTP answer: 503
/// where they are in use or the server drains, 429 where this client has too many. The refusal is
/// counted and logged. Nothing: it may have them.
std::optional<Refusal> refuse_session(ServerState& state, ConnectionSlot& slot, int wanted = 1);

/// Why a request for a session or to a protocol over HTTP is not followed, whatever it asks for:
/// 401 without a key where one is needed, 429 for too many requests of an address or with a key.
/// The refusal is counted and logged. Nothing: it is followed, and the slot's request knows the
/// key.
std::optional<Refusal> refuse_request(const RequestHead& head, ServerState& state,
                                      ConnectionSlot& slot);

/// Looks whether a recording of so many bytes is taken now, which then needs a session.
/// Errors: RequestFault if it is not.
void admit_upload(std::uint64_t body_bytes, ServerState& state, ConnectionSlot& slot);

/// A name for a conversation that no other has: a random UUID.
std::string random_uuid();

/// What conversations of a listener begin with.
ProtocolSettings protocol_settings(const ServerState& state, const ServedListener& listener);

}  // namespace harpy

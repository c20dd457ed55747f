#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "service/protocols/protocol.hpp"

namespace harpy {

/// All protocols that Harpy speaks besides HTTP, and the web page.
std::span<const Protocol> all_protocols();

/// Errors: std::invalid_argument for another name than those of all_protocols.
const Protocol& find_protocol(std::string_view name);

/// What a listener speaks unless it is told otherwise: Vosk's protocol, all that have a path of
/// their own, and the web page.
std::vector<const Protocol*> default_protocols();

/// Checks that a listener can speak these protocols together: a protocol of plain TCP or gRPC must
/// be alone on its port, at most one protocol may be without a path of its own, and the web page
/// needs the protocol that it speaks. Errors: std::invalid_argument saying which do not go
/// together.
void check_protocols(std::span<const Protocol* const> spoken);

/// Which of a listener's protocols a WebSocket request asks for; nullptr: none.
///
/// A protocol without a path takes every path but those under /v1/, which belong to protocols that
/// the listener, or this version, may not speak: their clients shall be told so.
const Protocol* protocol_at(std::string_view path, std::span<const Protocol* const> spoken);

/// How the refusal of a request is worded: in the form of the protocol that has its path, whether
/// or not the listener speaks it.
RefusalText word_refusal(const Refusal& refusal, const ClientRequest& request);

}  // namespace harpy

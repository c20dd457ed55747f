#pragma once

#include <string_view>

#include "service/server/http_response.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// The path of a page of the server's health as the program has it; empty: it is none.
std::string_view health_route(std::string_view path);

/// What a server tells of itself (docs/operations.md). Every listener has /livez and /readyz; the
/// admin listener also has /v1/status and /metrics. Other paths are a 404.
Response health_page(std::string_view path, const ServerState& state, bool is_admin);

}  // namespace harpy

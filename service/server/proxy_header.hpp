#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "service/server/server_state.hpp"

namespace harpy {

/// Longest header that is taken; the addresses need at most 232 bytes, the rest is what a proxy may
/// add about the connection.
inline constexpr std::size_t kMostProxyHeaderBytes = 4096;

/// What a proxy says at the beginning of a connection that it passes on.
struct ProxyHeader {
  /// So many bytes at least are missing before it is complete; none of them is behind its end.
  std::size_t missing_bytes = 0;
  /// Whose connection it is; none: the proxy's own, such as to look after the server's health, or
  /// one of which it knows nothing. Both are served as the proxy's.
  std::optional<ConnectionEnds> ends = std::nullopt;
};

/// Reads the beginning of a connection as a header of the PROXY protocol, in the version 1, a line
/// of text, or 2, which is binary (HAProxy's proxy-protocol.txt). To be called with all bytes so
/// far until none is missing.
/// Errors: std::runtime_error as soon as it can be no header.
ProxyHeader read_proxy_header(std::string_view bytes);

}  // namespace harpy

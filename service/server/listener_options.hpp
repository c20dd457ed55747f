#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/protocols/protocol_table.hpp"
#include "service/server/tls_files.hpp"

namespace harpy {

/// Where a server listens.
struct ListenAddress {
  std::string address = "127.0.0.1";  ///< of the interface, or its name; "0.0.0.0", "::": all
  std::uint16_t port = 0;             ///< 0: any free one
};

/// One of the places where a server meets its clients, and what it offers there. What is absent
/// follows from ServerLimits and the protocols.
struct ListenerOptions {
  ListenAddress where;
  /// What is spoken there; see check_protocols. Beside them every listener but those of protocols
  /// over plain TCP or gRPC serves health pages.
  std::vector<const Protocol*> protocols = default_protocols();
  /// The name of the model that recognises for clients that name none; empty: the server's first
  /// one.
  std::string model = {};
  /// Sample rate of clients that do not say theirs, in Hz.
  std::optional<double> sample_rate_hz = std::nullopt;
  /// Sessions at once that come through this listener.
  std::optional<int> max_sessions = std::nullopt;
  /// Connections at once that come through this listener.
  std::optional<int> max_connections = std::nullopt;
  /// Whether clients need a key there, if the server has keys at all.
  bool needs_key = true;
  /// Whether trusted proxies say by the PROXY protocol, at the beginning of each connection, whose
  /// it is (proxy_header.hpp). Others are served as without.
  bool proxy_protocol = false;
  /// What clients are shown by TLS; none: the connections are not encrypted.
  std::optional<TlsFiles> tls = std::nullopt;
};

}  // namespace harpy

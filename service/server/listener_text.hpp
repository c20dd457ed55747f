#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "service/server/listener_options.hpp"

namespace harpy {

/// Reads a listener from a text as operators write it (docs/operations.md, "Listeners"):
///
///     ADDRESS:PORT[,NAME=VALUE]…      such as "0.0.0.0:5050,protocols=kaldi,sample-rate=8000"
///
/// An address of IPv6 stands in brackets. Names: protocols (their names, joined by "+"),
/// model (its name), sample-rate, max-sessions, max-connections, keys and proxy-protocol
/// ("on" or "off"), tls-certificate and tls-key (files). Errors: std::invalid_argument quoting the
/// text and saying what was expected.
ListenerOptions parse_listener(std::string_view text);

/// Reads a file with a listener on each line; empty lines and those that begin with "#" say
/// nothing. Errors: std::runtime_error naming file and line.
std::vector<ListenerOptions> read_listeners(const std::filesystem::path& path);

}  // namespace harpy

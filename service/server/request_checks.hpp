#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harpy {

/// Whom a server talks to on behalf of web pages. Browsers connect wherever a page tells them to,
/// and say for which page: without these checks every page that a user visits could use a server on
/// the user's own machine or network.
struct BrowserAccess {
  /// Origins of pages that may connect, such as "https://example.org"; "*": all pages.
  std::vector<std::string> origins;
  /// Names by which clients may call the server, such as "speech.example.org", besides its
  /// addresses and localhost; "*": any name.
  std::vector<std::string> hosts;
};

/// What the checks look at of a request.
struct RequestSource {
  std::string_view host;        ///< the header field Host; empty: none
  std::string_view origin;      ///< the header field Origin; empty: none, as from programs
  bool is_on_loopback = false;  ///< whether it came to an address of loopback
};

/// Why a request is refused; empty: it is not. On loopback the host must be localhost, an address
/// of loopback or a name that is allowed: a page whose name was made to mean a loopback address
/// calls the server by the page's name. Pages that come from the server itself may connect if they
/// call it by such a host or by any address.
std::string refusal_of_source(const RequestSource& source, const BrowserAccess& access);

/// Whether a text is what a WebSocket client must send as its key: 16 bytes in base64 (RFC 6455,
/// section 4.1).
bool is_websocket_key(std::string_view text);

/// The path of a request's target, without the query behind it.
std::string_view path_of(std::string_view target);

}  // namespace harpy

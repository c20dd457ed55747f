#pragma once

#include <optional>
#include <string>

#include <boost/beast/http/message.hpp>

#include "service/protocols/protocol.hpp"
#include "service/server/http_response.hpp"
#include "service/server/server_state.hpp"

namespace harpy {

/// The first line and the fields of an HTTP request.
using RequestHead = boost::beast::http::request_header<>;

/// The value of a header field; empty if there is none.
std::string_view field_of(const RequestHead& head, boost::beast::http::field field);
std::string_view field_of(const RequestHead& head, std::string_view field);

/// The header lines that tell a client the name of its request, each with its end, and of the trace
/// if it is part of one.
std::string trace_fields(const ServedRequest& request);

/// The header line that says when to come again, of an answer after which a client may do so;
/// empty: there is none.
std::string retry_field(boost::beast::http::status status);

/// A refusal in a protocol's words.
Response refusal_response(const Refusal& refusal, const RefusalText& text);

/// Decides which requests of one client are followed, and tells the log of those that are not.
/// Threads: the I/O thread.
class RequestGate {
 public:
  /// Both outlive the gate.
  RequestGate(ServerState& state, ConnectionSlot& slot) : state_(state), slot_(slot) {}

  /// Finds out for whom the request is served, and under which name.
  void identify(const RequestHead& head) const;
  /// The answer to a request that is refused whatever it asks for; nothing: it is not.
  std::optional<Response> refusal(const RequestHead& head) const;

 private:
  /// Whether a trusted proxy asks for itself, such as after the server's health.
  bool is_proxys_own() const;
  void tell(const std::string& what, const std::string& reason) const;

  ServerState& state_;
  ConnectionSlot& slot_;
};

}  // namespace harpy

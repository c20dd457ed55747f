#include "service/server/request_gate.hpp"

#include "service/server/request_checks.hpp"

namespace harpy {

namespace http = boost::beast::http;

std::string_view field_of(const RequestHead& head, http::field field) {
  const auto value = head[field];
  return {value.data(), value.size()};
}

std::optional<Response> RequestGate::refusal(const RequestHead& head) const {
  boost::system::error_code error;
  const auto here = socket_.local_endpoint(error);
  const std::string reason = refusal_of_source({.host = field_of(head, http::field::host),
                                                .origin = field_of(head, http::field::origin),
                                                .is_on_loopback = here.address().is_loopback()},
                                               state_.options.access);
  if (reason.empty()) return std::nullopt;
  tell("request", reason);
  return Response{.status = http::status::forbidden, .body = reason};
}

std::optional<Response> RequestGate::refusal_of_upgrade(const RequestHead& head) const {
  if (!is_websocket_key(field_of(head, http::field::sec_websocket_key))) {
    return Response{.status = http::status::bad_request,
                    .body = "Sec-WebSocket-Key must be 16 bytes in base64"};
  }
  return refusal_of_session();
}

std::optional<Response> RequestGate::refusal_of_session() const {
  std::string reason = state_.obstacle();
  http::status status = http::status::service_unavailable;
  if (reason.empty() && slot_.client().session_count >= state_.limits().max_sessions_per_address) {
    reason = "too many sessions from this address";
    status = http::status::too_many_requests;
  }
  if (reason.empty()) return std::nullopt;
  ++state_.counts.refused_sessions;
  tell("session", reason);
  return Response{.status = status, .body = reason, .fields = "Retry-After: 5\r\n"};
}

void RequestGate::tell(const std::string& what, const std::string& reason) const {
  state_.tell_of_client(slot_.address(), spdlog::level::warn,
                        what + " of " + slot_.address() + " refused: " + reason);
}

}  // namespace harpy

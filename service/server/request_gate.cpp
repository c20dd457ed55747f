#include "service/server/request_gate.hpp"

#include <chrono>

#include "service/server/request_checks.hpp"
#include "service/server/session_admission.hpp"

namespace harpy {

namespace http = boost::beast::http;

std::string_view field_of(const RequestHead& head, http::field field) {
  const auto value = head[field];
  return {value.data(), value.size()};
}

std::string_view field_of(const RequestHead& head, std::string_view field) {
  const auto value = head[boost::beast::string_view(field.data(), field.size())];
  return {value.data(), value.size()};
}

std::string trace_fields(const ServedRequest& request) {
  std::string fields = "X-Request-Id: " + request.id + "\r\n";
  if (!request.traceparent.empty()) fields += "traceparent: " + request.traceparent + "\r\n";
  return fields;
}

std::string retry_field(http::status status) {
  const bool may_retry =
      status == http::status::service_unavailable || status == http::status::too_many_requests;
  return may_retry ? "Retry-After: 5\r\n" : "";
}

Response refusal_response(const Refusal& refusal, const RefusalText& text) {
  const auto status = static_cast<http::status>(refusal.status);
  std::string fields = text.fields + retry_field(status);
  if (status == http::status::unauthorized) fields += "WWW-Authenticate: Bearer\r\n";
  return {.status = status, .body = text.body, .fields = fields, .content_type = text.content_type};
}

void RequestGate::identify(const RequestHead& head) const {
  ServedRequest& request = slot_.request();
  request.id = accepted_request_id(field_of(head, "X-Request-Id"));
  if (request.id.empty()) request.id = random_uuid();
  request.traceparent = accepted_traceparent(field_of(head, "traceparent"));
  const auto peer = slot_.ends().client.address();
  if (!state_.proxies.contains(peer)) return;
  std::string forwarded_for;
  const auto [first, last] = head.equal_range("X-Forwarded-For");
  for (auto field = first; field != last; ++field) {
    forwarded_for += std::string(forwarded_for.empty() ? "" : ",") + std::string(field->value());
  }
  const std::string client = client_key(state_.proxies.client_of(peer, forwarded_for));
  if (client == slot_.address()) return;
  slot_.serve_for(client, state_.clients.at(client, std::chrono::steady_clock::now()));
}

bool RequestGate::is_proxys_own() const {
  const auto peer = slot_.ends().client.address();
  return state_.proxies.contains(peer) && client_key(peer) == slot_.address();
}

std::optional<Response> RequestGate::refusal(const RequestHead& head) const {
  if (slot_.client().connection_count > state_.limits().max_connections_per_address &&
      slot_.listener().purpose == ListenerPurpose::kClients && !is_proxys_own()) {
    tell("request", "too many connections from this address");
    return Response{.status = http::status::too_many_requests,
                    .body = "too many connections from this address",
                    .fields = "Retry-After: 5\r\n"};
  }
  const std::string reason =
      refusal_of_source({.host = field_of(head, http::field::host),
                         .origin = field_of(head, http::field::origin),
                         .is_on_loopback = slot_.ends().server.address().is_loopback()},
                        state_.options.access);
  if (reason.empty()) return std::nullopt;
  tell("request", reason);
  return Response{.status = http::status::forbidden, .body = reason};
}

void RequestGate::tell(const std::string& what, const std::string& reason) const {
  state_.tell_of_client(slot_.subject(), spdlog::level::warn,
                        what + " of " + slot_.address() + " refused: " + reason);
}

}  // namespace harpy

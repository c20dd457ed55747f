#include "service/server/request_gate.hpp"

#include "service/server/request_checks.hpp"
#include "service/server/session_admission.hpp"

namespace harpy {

namespace http = boost::beast::http;

std::string_view field_of(const RequestHead& head, http::field field) {
  const auto value = head[field];
  return {value.data(), value.size()};
}

Response refusal_response(const Refusal& refusal, const RefusalText& text) {
  const auto status = static_cast<http::status>(refusal.status);
  const bool may_retry =
      status == http::status::service_unavailable || status == http::status::too_many_requests;
  std::string fields = text.fields;
  if (may_retry) fields += "Retry-After: 5\r\n";
  if (status == http::status::unauthorized) fields += "WWW-Authenticate: Bearer\r\n";
  return {.status = status, .body = text.body, .fields = fields, .content_type = text.content_type};
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

std::optional<Response> RequestGate::refusal_of_session() const {
  const std::optional<Refusal> refusal = refuse_session(state_, slot_);
  if (!refusal) return std::nullopt;
  return refusal_response(*refusal, {.body = refusal->reason});
}

void RequestGate::tell(const std::string& what, const std::string& reason) const {
  state_.tell_of_client(slot_.address(), spdlog::level::warn,
                        what + " of " + slot_.address() + " refused: " + reason);
}

}  // namespace harpy

#include "service/server/http_routing.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "models/files/escaped_text.hpp"
#include "service/server/request_checks.hpp"
#include "service/server/session_admission.hpp"
#include "service/server/utc_time.hpp"

namespace harpy {

namespace http = boost::beast::http;

namespace {

/// Lets the page that asks see the answer (CORS).
std::string browser_fields(const RequestHead& head) {
  const std::string origin(field_of(head, http::field::origin));
  if (origin.empty()) return "";
  return "Access-Control-Allow-Origin: " + origin +
         "\r\nAccess-Control-Expose-Headers: X-Request-Id, Retry-After\r\nVary: Origin\r\n";
}

/// The answer to a browser that asks what it may ask.
Response preflight_response(const ClientRequest& target, const std::string& fields) {
  return {.status = http::status::ok,
          .fields = fields + "Access-Control-Allow-Methods: " + allowed_methods(target.path) +
                    "\r\nAccess-Control-Allow-Headers: Authorization, Content-Type\r\n"
                    "Access-Control-Max-Age: 3600\r\n"};
}

Response response_of(const HttpAnswer& answer, const std::string& fields) {
  return refusal_response(
      {.status = answer.status, .reason = {}},
      {.body = answer.body, .content_type = answer.content_type, .fields = answer.fields + fields});
}

}  // namespace

std::optional<RoutedRequest> route_request(const RequestHead& head, std::uint64_t body_bytes,
                                           ServerState& state, ConnectionSlot& slot) {
  const std::string_view target(head.target().data(), head.target().size());
  if (!is_http_route(path_of(target))) return std::nullopt;
  HttpRequest request{.method = std::string(head.method_string()),
                      .target = {.path = std::string(path_of(target)),
                                 .id = slot.request().id,
                                 .received_at = utc_text(std::chrono::system_clock::now())},
                      .content_type = std::string(field_of(head, http::field::content_type))};
  const std::string fields = browser_fields(head);
  try {
    ClientRequest parsed;
    try {
      parsed = parse_request_target(target);
    } catch (const std::runtime_error& error) {
      throw RequestFault(static_cast<int>(http::status::bad_request), error.what());
    }
    request.target.path = std::move(parsed.path);
    request.target.query = std::move(parsed.query);
    if (head.method() == http::verb::options && !allowed_methods(request.target.path).empty()) {
      return RoutedRequest{.response = preflight_response(request.target, fields)};
    }
    if (const auto refusal = refuse_request(head, state, slot)) {
      const RequestFault fault(refusal->status, refusal->reason);
      return RoutedRequest{.response = response_of(word_fault(fault, request.target), fields)};
    }
    if (head.method() == http::verb::head) request.method = "GET";
    HttpOutcome outcome = follow_http_request(request, protocol_settings(state, slot.listener()));
    if (const auto* const answer = std::get_if<HttpAnswer>(&outcome)) {
      return RoutedRequest{.response = response_of(*answer, fields)};
    }
    admit_upload(body_bytes, state, slot);
    return RoutedRequest{.upload = std::move(std::get<std::unique_ptr<UploadProtocol>>(outcome)),
                         .answer_fields = fields + trace_fields(slot.request())};
  } catch (const RequestFault& fault) {
    state.tell_of_client(
        slot.subject(), spdlog::level::warn,
        "request of " + slot.address() + " refused: " + escape_for_line(fault.what()));
    return RoutedRequest{.response = response_of(word_fault(fault, request.target), fields)};
  }
}

}  // namespace harpy

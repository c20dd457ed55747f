#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <variant>

#include "service/protocols/upload_protocol.hpp"

namespace harpy {

/// What protocols look at of an HTTP request.
struct HttpRequest {
  std::string method;
  ClientRequest target;
  std::string content_type = {};
};

/// What comes of a request: an answer at once, or a protocol that takes the request's body.
using HttpOutcome = std::variant<HttpAnswer, std::unique_ptr<UploadProtocol>>;

/// Whether a path is one of the interfaces that protocols have over HTTP, which answer in their own
/// form there whatever is asked.
bool is_http_route(std::string_view path);

/// The path as the table of routes has it; empty: there is nothing.
std::string_view http_route(std::string_view path);

/// Follows a request to such a path.
/// Errors: RequestFault, with status 404 where there is nothing and 405 for a wrong method.
HttpOutcome follow_http_request(const HttpRequest& request, const ProtocolSettings& settings);

/// The answer to a request to such a path that cannot be followed, in the form of the protocol that
/// has the path.
HttpAnswer word_fault(const RequestFault& fault, const ClientRequest& target);

/// The methods that a path takes, such as "POST"; empty: there is nothing.
std::string allowed_methods(std::string_view path);

}  // namespace harpy

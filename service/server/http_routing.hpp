#pragma once

#include <memory>
#include <optional>
#include <string>

#include "service/protocols/http_routes.hpp"
#include "service/server/request_gate.hpp"

namespace harpy {

/// What becomes of a request to a path of protocols (http_routes.hpp).
struct RoutedRequest {
  Response response;                                 ///< if nothing takes the body
  std::unique_ptr<UploadProtocol> upload = nullptr;  ///< takes the body
  std::string answer_fields;  ///< of the upload's answer: further header lines, each with its end
};

/// Follows a request to such a path; nothing: the path is no such one. `body_bytes`: length of the
/// request's body, 0 where it is not known. Browsers are told that the page which asks may see the
/// answer: RequestGate lets no other pages through. Threads: the I/O thread.
std::optional<RoutedRequest> route_request(const RequestHead& head, std::uint64_t body_bytes,
                                           ServerState& state, ConnectionSlot& slot);

}  // namespace harpy

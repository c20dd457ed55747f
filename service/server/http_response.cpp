#include "service/server/http_response.hpp"

namespace harpy {

std::string serialized(const Response& response) {
  const auto reason = boost::beast::http::obsolete_reason(response.status);
  const std::string body = response.body + "\n";
  return "HTTP/1.1 " + std::to_string(static_cast<int>(response.status)) + " " +
         std::string(reason.data(), reason.size()) +
         "\r\nServer: harpy/" HARPY_VERSION "\r\nContent-Type: " + response.content_type +
         "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" + response.fields +
         "Content-Length: " + std::to_string(body.size()) + "\r\n" +
         (response.keep_alive ? "" : "Connection: close\r\n") + "\r\n" +
         (response.has_body ? body : "");
}

}  // namespace harpy

#include "service/server/http_response.hpp"

#include <sstream>

namespace harpy {

std::string response_head(const Response& response, const std::string& framing) {
  const auto reason = boost::beast::http::obsolete_reason(response.status);
  return "HTTP/1.1 " + std::to_string(static_cast<int>(response.status)) + " " +
         std::string(reason.data(), reason.size()) +
         "\r\nServer: harpy/" HARPY_VERSION "\r\nContent-Type: " + response.content_type +
         "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n" + response.fields +
         framing + (response.keep_alive ? "" : "Connection: close\r\n") + "\r\n";
}

std::string serialized(const Response& response) {
  const std::string body = response.body + "\n";
  const std::string head =
      response_head(response, "Content-Length: " + std::to_string(body.size()) + "\r\n");
  return response.has_body ? head + body : head;
}

std::string http_chunk(const std::string& bytes) {
  std::ostringstream chunk;
  chunk << std::hex << bytes.size() << "\r\n" << bytes << "\r\n";
  return chunk.str();
}

}  // namespace harpy

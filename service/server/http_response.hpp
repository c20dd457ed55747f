#pragma once

#include <string>

#include <boost/beast/http/status.hpp>

namespace harpy {

/// An answer to an HTTP request.
struct Response {
  boost::beast::http::status status = boost::beast::http::status::ok;
  std::string body;
  std::string fields = {};  ///< further header lines, each with its end
  std::string content_type = "text/plain; charset=utf-8";
  bool has_body = true;  ///< false in answers to HEAD, whose length is told nevertheless
  bool keep_alive = false;
};

/// The response as it is sent.
std::string serialized(const Response& response);

/// The head of a response as it is sent. `framing`: the header lines that say how long the body is,
/// each with its end; none: as long as the connection.
std::string response_head(const Response& response, const std::string& framing);

/// Bytes of a body that is sent in chunks (RFC 9112, section 7.1), and what ends it.
std::string http_chunk(const std::string& bytes);
inline constexpr const char* kLastHttpChunk = "0\r\n\r\n";

}  // namespace harpy

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

}  // namespace harpy

#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harpy {

/// A parameter of a request's query.
struct QueryParameter {
  std::string name;
  std::string value;  ///< empty where there is none

  bool operator==(const QueryParameter&) const = default;
};

/// What a client asked for when it opened its conversation, as far as protocols look at it.
struct ClientRequest {
  std::string path = "/";                  ///< of the target, decoded, without the query
  std::vector<QueryParameter> query = {};  ///< decoded, in the client's order
  std::string id = {};                     ///< of this conversation: a random UUID
  std::string received_at = {};            ///< in UTC, such as "2024-08-29T22:37:55.202Z"
};

/// Reads the target of an HTTP request, such as "/v1/listen?sample_rate=16000", into path and
/// query. In a query "+" is a blank, as HTML forms write it.
/// Errors: std::runtime_error for a text that is no path with a query.
ClientRequest parse_request_target(std::string_view target);

/// The value of the last parameter of that name; nullptr: there is none.
const std::string* find_parameter(const ClientRequest& request, std::string_view name);

}  // namespace harpy

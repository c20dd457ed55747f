#include "service/protocols/client_request.hpp"

#include <algorithm>
#include <stdexcept>

// Debian has Boost.URL as headers, too; this file compiles the library.
#include <boost/url/src.hpp>

namespace harpy {

namespace urls = boost::urls;

ClientRequest parse_request_target(std::string_view target) {
  const auto parsed = urls::parse_origin_form({target.data(), target.size()});
  if (!parsed) throw std::runtime_error("the request's target must be a path with a query");
  ClientRequest request;
  request.path = parsed->path();
  const urls::encoding_opts form(/*space_as_plus=*/true);
  for (const auto& parameter : parsed->params(form)) {
    request.query.push_back({std::string(parameter.key), std::string(parameter.value)});
  }
  return request;
}

const std::string* find_parameter(const ClientRequest& request, std::string_view name) {
  const auto found = std::find_if(request.query.rbegin(), request.query.rend(),
                                  [&](const QueryParameter& item) { return item.name == name; });
  return found == request.query.rend() ? nullptr : &found->value;
}

}  // namespace harpy

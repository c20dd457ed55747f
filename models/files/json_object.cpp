#include "models/files/json_object.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

namespace harpy {

boost::json::object parse_json_object(std::string_view text, std::string_view place) {
  const std::string prefix = place.empty() ? "" : std::string(place) + ": ";
  boost::system::error_code error;
  boost::json::value value = boost::json::parse({text.data(), text.size()}, error);
  if (error) throw std::runtime_error(prefix + "not JSON: " + error.message());
  if (!value.is_object()) throw std::runtime_error(prefix + "not a JSON object");
  return std::move(value.get_object());
}

}  // namespace harpy

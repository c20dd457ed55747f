#pragma once

#include <string_view>

#include <boost/json/object.hpp>

namespace harpy {

/// Reads a text that must be a JSON object. `place` says in errors what or where the text is, such
/// as "recipe" or "list.jsonl:7"; it may be empty.
/// Errors: std::runtime_error, "PLACE: not JSON: …" or "PLACE: not a JSON object".
boost::json::object parse_json_object(std::string_view text, std::string_view place);

}  // namespace harpy

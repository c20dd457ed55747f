#include "tools/score/scored_texts.hpp"

#include <stdexcept>
#include <string_view>

#include <boost/json.hpp>

#include "models/files/text_lines.hpp"

namespace harpy::tools {

namespace {

using Entry = std::pair<std::string, ScoredText>;

std::string string_field(const boost::json::object& object, std::string_view name, bool required) {
  const boost::json::value* value = object.if_contains(name);
  if (value == nullptr && !required) return {};
  if (value == nullptr || !value->is_string()) {
    throw std::runtime_error("expected a text field \"" + std::string(name) + "\"");
  }
  return std::string(value->get_string());
}

Entry parse_json_line(std::string_view line) {
  boost::system::error_code error;
  const boost::json::value value = boost::json::parse(line, error);
  if (error || !value.is_object()) throw std::runtime_error("expected a JSON object");
  const boost::json::object& object = value.get_object();
  return {string_field(object, "id", true),
          {string_field(object, "text", true), string_field(object, "speaker", false)}};
}

Entry parse_text_line(std::string_view line) {
  const std::size_t space = line.find_first_of(" \t");
  if (space == std::string_view::npos) return {std::string(line), {}};
  return {std::string(line.substr(0, space)), {std::string(line.substr(space + 1)), {}}};
}

}  // namespace

std::map<std::string, ScoredText> read_scored_texts(const std::filesystem::path& path) {
  std::map<std::string, ScoredText> texts;
  TextLines lines(path);
  while (const auto line = lines.next()) {
    if (line->empty()) continue;
    try {
      Entry entry = line->front() == '{' ? parse_json_line(*line) : parse_text_line(*line);
      const std::string id = entry.first;
      if (!texts.insert(std::move(entry)).second) {
        throw std::runtime_error("the id \"" + id + "\" was met before");
      }
    } catch (const std::runtime_error& error) {
      throw lines.error(error.what());
    }
  }
  return texts;
}

}  // namespace harpy::tools

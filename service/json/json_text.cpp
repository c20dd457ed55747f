#include "service/json/json_text.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include <boost/json.hpp>

namespace harpy {

namespace json = boost::json;

std::string json_line(const json::value& value) {
  std::string text;
  const char* separator = "";
  if (const json::object* object = value.if_object()) {
    for (const auto& [name, item] : *object) {
      text.append(separator)
          .append(json::serialize(json::string(name)))
          .append(": ")
          .append(json_line(item));
      separator = ", ";
    }
    return "{" + text + "}";
  }
  if (const json::array* array = value.if_array()) {
    for (const json::value& item : *array) {
      text.append(separator).append(json_line(item));
      separator = ", ";
    }
    return "[" + text + "]";
  }
  if (value.is_double()) {
    std::array<char, 32> digits{};
    const auto end = std::to_chars(digits.begin(), digits.end(), value.get_double()).ptr;
    return {digits.begin(), end};
  }
  return json::serialize(value);
}

namespace {

std::string indented(const json::value& value, const std::string& indent) {
  constexpr std::size_t kLineWidth = 100;
  std::string text = json_line(value);
  if (!value.is_structured() || indent.size() + text.size() <= kLineWidth) return text;
  const std::string inner = indent + "  ";
  std::string separator = "\n";
  text = value.is_object() ? "{" : "[";
  if (const json::object* object = value.if_object()) {
    for (const auto& [name, item] : *object) {
      text +=
          separator + inner + json::serialize(json::string(name)) + ": " + indented(item, inner);
      separator = ",\n";
    }
  } else {
    for (const json::value& item : value.get_array()) {
      text += separator + inner + indented(item, inner);
      separator = ",\n";
    }
  }
  return text + "\n" + indent + (value.is_object() ? "}" : "]");
}

}  // namespace

std::string indented_json(const json::value& value) { return indented(value, ""); }

double rounded(double value, int decimals) {
  const double scale = std::pow(10.0, decimals);
  return std::round(value * scale) / scale;
}

}  // namespace harpy

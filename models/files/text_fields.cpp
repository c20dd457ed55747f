#include "models/files/text_fields.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>

namespace harpy {

namespace {

template <typename T>
std::optional<T> parse_number(std::string_view field) {
  if (field.size() > 1 && field[0] == '+' && field[1] != '-') field.remove_prefix(1);
  T value{};
  const char* end = field.data() + field.size();
  const auto [parsed_end, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc() || parsed_end != end) return std::nullopt;
  return value;
}

template <typename T>
std::optional<T> parse_real(std::string_view field) {
  const std::optional<T> value = parse_number<T>(field);
  if (value && std::isnan(*value)) return std::nullopt;
  return value;
}

}  // namespace

std::string_view take_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  const std::size_t end = std::min(text.find_first_of(kBlanks, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::vector<std::string_view> split_fields(std::string_view line) {
  std::vector<std::string_view> fields;
  for (std::string_view field = take_word(line); !field.empty(); field = take_word(line)) {
    fields.push_back(field);
  }
  return fields;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

std::optional<std::int32_t> parse_int32(std::string_view field) {
  return parse_number<std::int32_t>(field);
}
std::optional<std::uint64_t> parse_uint64(std::string_view field) {
  return parse_number<std::uint64_t>(field);
}
std::optional<float> parse_float(std::string_view field) { return parse_real<float>(field); }
std::optional<double> parse_double(std::string_view field) { return parse_real<double>(field); }

}  // namespace harpy

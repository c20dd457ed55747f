#include "decoder/graph/text_lines.hpp"

#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

namespace harpy {

namespace {

constexpr std::string_view kSpace = " \t";

template <typename T>
std::optional<T> parse_number(std::string_view field) {
  T value{};
  const char* end = field.data() + field.size();
  const auto [parsed_end, error] = std::from_chars(field.data(), end, value);
  if (error != std::errc() || parsed_end != end) return std::nullopt;
  return value;
}

}  // namespace

TextLines::TextLines(const std::filesystem::path& path) : path_(path) {
  if (!std::filesystem::is_directory(path)) stream_.open(path);
  if (!stream_.is_open()) throw std::runtime_error(path.string() + ": cannot be opened");
}

bool TextLines::next() {
  fields_.clear();
  if (!std::getline(stream_, line_)) {
    if (stream_.bad()) throw std::runtime_error(path_.string() + ": cannot be read");
    return false;
  }
  ++line_number_;
  if (!line_.empty() && line_.back() == '\r') line_.pop_back();
  if (line_.find('\0') != std::string::npos) throw failure("a zero byte in a text file");
  const std::string_view line = line_;
  for (std::size_t begin = line.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(kSpace, begin), line.size());
    fields_.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(kSpace, end);
  }
  return true;
}

std::runtime_error TextLines::failure(const std::string& what) const {
  return std::runtime_error(path_.string() + ":" + std::to_string(line_number_) + ": " + what);
}

std::optional<std::int32_t> parse_int32(std::string_view field) {
  return parse_number<std::int32_t>(field);
}

std::optional<float> parse_float(std::string_view field) {
  const std::optional<float> value = parse_number<float>(field);
  if (value && std::isnan(*value)) return std::nullopt;
  return value;
}

}  // namespace harpy

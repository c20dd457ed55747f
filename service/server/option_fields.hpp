#pragma once

#include <charconv>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "models/files/text_lines.hpp"

namespace harpy {

/// Takes what stands before the separator from the front of a text; the rest stays in `text`,
/// without the separator.
inline std::string_view take_until(char separator, std::string_view& text) {
  const std::size_t end = text.find(separator);
  const std::string_view taken = text.substr(0, end);
  text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
  return taken;
}

/// Reads a number that is the whole text. Errors: std::invalid_argument naming what is expected, if
/// it is no number or none from `least` to `most`.
template <typename Number>
Number number_in(std::string_view text, Number least, Number most, const std::string& expected) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_whole = error == std::errc() && end == text.data() + text.size();
  if (!is_whole || !(number >= least && number <= most)) {
    throw std::invalid_argument("expected " + expected);
  }
  return number;
}

/// Reads a file of options with an entry on each line: take(line) for each. Empty lines and those
/// that begin with "#" say nothing. Errors: std::runtime_error naming the file, and the line where
/// take throws std::invalid_argument.
template <typename Take>
void read_option_lines(const std::filesystem::path& path, const Take& take) {
  TextLines lines(path);
  while (const std::optional<std::string_view> line = lines.next()) {
    if (line->empty() || line->starts_with('#')) continue;
    try {
      take(*line);
    } catch (const std::invalid_argument& error) {
      throw lines.error(error.what());
    }
  }
}

}  // namespace harpy

#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace harpy {

/// Reads a text file line by line as fields separated by spaces and tabs, and knows where it is.
class TextLines {
 public:
  /// Errors: std::runtime_error naming the file if it cannot be opened.
  explicit TextLines(const std::filesystem::path& path);

  /// Moves to the next line; false at the end. A carriage return at the end of a line is dropped.
  /// Errors: std::runtime_error if reading fails, or the line contains a zero byte.
  bool next();

  const std::string& line() const { return line_; }
  /// The fields of the line; they live until the next call of next.
  const std::vector<std::string_view>& fields() const { return fields_; }

  /// An error of this line: "FILE:LINE: WHAT".
  std::runtime_error failure(const std::string& what) const;

 private:
  std::filesystem::path path_;
  std::ifstream stream_;
  std::string line_;
  std::vector<std::string_view> fields_;
  std::size_t line_number_ = 0;
};

/// The whole of a field as a number, or nothing. Infinity is a number, NaN is not.
std::optional<std::int32_t> parse_int32(std::string_view field);
std::optional<float> parse_float(std::string_view field);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/text_fields.hpp"

struct gzFile_s;

namespace harpy {

/// Reads the lines of a text file; every text that Harpy takes is read by this class.
///
/// The text is UTF-8, plain or compressed by gzip, which is told by its first bytes. Lines end with
/// "\n" or "\r\n". A byte order mark at the beginning of a line is passed over; files that were
/// appended to one another have it in the middle. The name "-" is standard input.
///
/// Errors of all methods: std::runtime_error naming the file if it cannot be opened or read, its
/// compressed data are damaged or cut off, or it is UTF-16 or UTF-32; with its line if that has a
/// zero byte, with line and column if it is not UTF-8. An error that names a coding says how to
/// convert it.
class TextLines {
 public:
  explicit TextLines(std::filesystem::path path);

  /// The next line without its end, valid until the next call; nothing at the end of the file.
  std::optional<std::string_view> next();

  /// The line that next() returned last.
  std::string_view line() const { return line_; }
  /// Its fields, which blanks separate (kBlanks).
  const std::vector<std::string_view>& fields() const;
  /// Its number, counted from 1.
  std::uint64_t line_number() const { return line_number_; }
  const std::filesystem::path& path() const { return path_; }

  /// "FILE:LINE" of the line that next() returned last, for messages.
  std::string place() const;
  /// An error "FILE:LINE: WHAT" about it.
  std::runtime_error error(const std::string& what) const;
  /// An error "FILE:LINE:COLUMN: WHAT" about the character at a byte of it.
  std::runtime_error error_at(std::size_t byte, const std::string& what) const;

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };

  bool fill();
  void fill_first();
  bool take_line();
  void check_line() const;

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string long_line_;
  std::string_view line_;
  std::uint64_t line_number_ = 0;
  mutable std::vector<std::string_view> fields_;
  mutable bool are_fields_split_ = false;
};

/// A whole text, read by TextLines: its lines end with "\n".
std::string read_text(const std::filesystem::path& path);

}  // namespace harpy

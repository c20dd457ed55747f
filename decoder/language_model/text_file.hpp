#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "models/files/replacement_file.hpp"

struct gzFile_s;

namespace harpy {

/// Reads the lines of a text file, plain or compressed by gzip (told by its first bytes); the name
/// "-" is standard input. Errors: std::runtime_error naming the file where it cannot be opened or
/// read or where its compressed data are damaged or cut off.
class LineReader {
 public:
  explicit LineReader(std::filesystem::path path);

  /// The next line without its end ("\n" or "\r\n"), valid until the next call; nothing at the end.
  std::optional<std::string_view> next();

  /// Number of the line that next() returned last, counted from 1.
  std::uint64_t line_number() const { return line_number_; }
  const std::filesystem::path& path() const { return path_; }
  /// An error "FILE:LINE: what" about the line that next() returned last.
  std::runtime_error error(const std::string& what) const;

 private:
  struct Close {
    void operator()(gzFile_s* file) const;
  };

  bool fill();

  std::filesystem::path path_;
  std::unique_ptr<gzFile_s, Close> file_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::string long_line_;
  std::uint64_t line_number_ = 0;
};

/// Writes a text file, compressed by gzip where the name ends in ".gz". It takes its place with
/// finish(); without finish() nothing is left behind. Errors: as ReplacementFile.
class TextWriter {
 public:
  explicit TextWriter(std::filesystem::path path);
  TextWriter(const TextWriter&) = delete;
  TextWriter& operator=(const TextWriter&) = delete;
  ~TextWriter();

  void write(std::string_view text);
  void finish();

 private:
  void flush();

  std::filesystem::path path_;
  ReplacementFile file_;
  gzFile_s* compressor_;
  std::string pending_;
};

/// Takes the next word (run of characters other than space, tab, CR, LF, VT, FF) off the front of
/// `text`; empty at the end.
std::string_view take_word(std::string_view& text);

}  // namespace harpy

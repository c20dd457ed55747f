#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "models/files/replacement_file.hpp"

struct gzFile_s;

namespace harpy {

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

}  // namespace harpy

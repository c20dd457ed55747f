#pragma once

#include <cstddef>
#include <cstdio>
#include <filesystem>
#include <string_view>

namespace harpy {

/// A file that takes its place only when it is complete.
///
/// What is written goes to a temporary file in the same folder. commit() brings it to the disk and
/// renames it to its path in one step, so whoever opens the path finds the old file or the new one,
/// never a part. Without commit(), as after an exception, the temporary file is removed and an old
/// file stays as it was. Several threads or processes may replace the same file: each writes a
/// temporary file of its own, and the last commit() stays.
///
/// Errors: std::runtime_error, one line with the path and the reason, as when the disk is full.
class ReplacementFile {
 public:
  /// Errors: also if the path is a folder, a device or another thing that is no regular file.
  explicit ReplacementFile(std::filesystem::path path);
  ReplacementFile(const ReplacementFile&) = delete;
  ReplacementFile& operator=(const ReplacementFile&) = delete;
  ~ReplacementFile();

  void write(const void* data, std::size_t size_bytes);
  void write(std::string_view text) { write(text.data(), text.size()); }

  /// The temporary file, for libraries that write to a C stream. They must not close it.
  std::FILE* stream() const { return stream_; }

  /// Puts the file in its place. Only once; nothing may be written afterwards.
  void commit();

 private:
  [[noreturn]] void fail(int error) const;

  std::filesystem::path path_;
  std::filesystem::path temporary_path_;
  std::FILE* stream_ = nullptr;  ///< null once it is closed
  bool is_committed_ = false;
};

/// Replaces a file by one that holds `content`. Errors: as ReplacementFile.
void replace_file(const std::filesystem::path& path, std::string_view content);

}  // namespace harpy

#include "models/files/text_lines.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>
#include <zlib.h>

#include "models/files/printed.hpp"
#include "models/files/utf8.hpp"

namespace harpy {

namespace {

constexpr std::size_t kBufferBytes = 1U << 18U;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::runtime_error file_error(const std::filesystem::path& path, const std::string& what) {
  return std::runtime_error(path.string() + ": " + what);
}

std::string last_system_error() { return std::generic_category().message(errno); }

gzFile open_for_reading(const std::filesystem::path& path) {
  if (path == "-") return gzdopen(dup(STDIN_FILENO), "rb");
  if (std::filesystem::is_directory(path)) throw file_error(path, "is a directory");
  return gzopen(path.c_str(), "rb");
}

/// The coding of a text that begins so, if it is one whose characters are 2 or 4 bytes.
const char* wide_coding(std::string_view beginning) {
  const auto begins_with = [&](std::string_view bytes) { return beginning.starts_with(bytes); };
  if (begins_with({"\xFF\xFE\0\0", 4}) || begins_with({"\0\0\xFE\xFF", 4})) return "UTF-32";
  if (begins_with("\xFF\xFE") || begins_with("\xFE\xFF")) return "UTF-16";
  // Without a mark: every other byte of a text in a European language is zero.
  if (beginning.size() < 4) return nullptr;
  const bool is_little = beginning[0] != 0 && beginning[1] == 0 && beginning[2] != 0;
  const bool is_big = beginning[0] == 0 && beginning[1] != 0 && beginning[2] == 0;
  if (is_little && beginning[3] == 0) return "UTF-16LE";
  return is_big && beginning[3] != 0 ? "UTF-16BE" : nullptr;
}

}  // namespace

void TextLines::Close::operator()(gzFile_s* file) const { gzclose_r(file); }

TextLines::TextLines(std::filesystem::path path)
    : path_(std::move(path)), file_(open_for_reading(path_)), buffer_(kBufferBytes) {
  if (!file_) throw file_error(path_, "cannot be opened: " + last_system_error());
}

bool TextLines::fill() {
  const int count = gzread(file_.get(), buffer_.data(), static_cast<unsigned>(buffer_.size()));
  int status = Z_OK;
  const char* message = gzerror(file_.get(), &status);
  if (count < 0 || status == Z_BUF_ERROR) {
    throw file_error(
        path_, "cannot be read: " + (status == Z_ERRNO       ? last_system_error()
                                     : status == Z_BUF_ERROR ? "the compressed data are cut off"
                                                             : std::string(message)));
  }
  begin_ = 0;
  end_ = static_cast<std::size_t>(count);
  return count > 0;
}

void TextLines::fill_first() {
  fill();
  const std::string_view beginning(buffer_.data(), end_);
  if (const char* coding = wide_coding(beginning)) {
    throw file_error(path_, "is " + std::string(coding) +
                                ", expected UTF-8; convert it with: iconv -f " + coding +
                                " -t UTF-8");
  }
}

std::optional<std::string_view> TextLines::next() {
  are_fields_split_ = false;
  if (line_number_ == 0 && end_ == 0) fill_first();
  if (!take_line()) {
    line_ = {};
    return std::nullopt;
  }
  ++line_number_;
  if (line_.starts_with(kByteOrderMark)) line_.remove_prefix(kByteOrderMark.size());
  if (line_.ends_with('\r')) line_.remove_suffix(1);
  check_line();
  return line_;
}

bool TextLines::take_line() {
  long_line_.clear();
  for (;;) {
    if (begin_ == end_ && !fill()) {
      line_ = long_line_;
      return !long_line_.empty();
    }
    const char* start = buffer_.data() + begin_;
    const auto* found = static_cast<const char*>(std::memchr(start, '\n', end_ - begin_));
    if (found == nullptr) {
      long_line_.append(start, end_ - begin_);
      begin_ = end_;
      continue;
    }
    const auto length = static_cast<std::size_t>(found - start);
    begin_ += length + 1;
    line_ = {start, length};
    if (!long_line_.empty()) line_ = long_line_.append(start, length);
    return true;
  }
}

void TextLines::check_line() const {
  const std::size_t valid = valid_utf8_bytes(line_);
  if (valid < line_.size()) {
    const std::string byte = printed("0x%02X", static_cast<unsigned char>(line_[valid]));
    throw error_at(valid, "the byte " + byte +
                              " is not UTF-8; if the file is Latin-1, convert it with: iconv -f "
                              "LATIN1 -t UTF-8");
  }
  if (line_.find('\0') != std::string_view::npos) throw error("a zero byte in a text file");
}

const std::vector<std::string_view>& TextLines::fields() const {
  if (!are_fields_split_) fields_ = split_fields(line_);
  are_fields_split_ = true;
  return fields_;
}

std::string TextLines::place() const { return path_.string() + ":" + std::to_string(line_number_); }

std::runtime_error TextLines::error(const std::string& what) const {
  return std::runtime_error(place() + ": " + what);
}

std::runtime_error TextLines::error_at(std::size_t byte, const std::string& what) const {
  const std::size_t column = count_characters(line_.substr(0, byte)) + 1;
  return std::runtime_error(place() + ":" + std::to_string(column) + ": " + what);
}

std::string read_text(const std::filesystem::path& path) {
  TextLines lines(path);
  std::string text;
  while (const auto line = lines.next()) text.append(*line).push_back('\n');
  return text;
}

}  // namespace harpy

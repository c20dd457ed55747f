#include "decoder/language_model/text_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

#include <unistd.h>
#include <zlib.h>

namespace harpy {

namespace {

constexpr std::size_t kBufferBytes = 1U << 18U;
constexpr std::string_view kSpace = " \t\r\n\v\f";

std::runtime_error file_error(const std::filesystem::path& path, const std::string& what) {
  return std::runtime_error(path.string() + ": " + what);
}

std::string last_system_error() { return std::generic_category().message(errno); }

gzFile open_for_reading(const std::filesystem::path& path) {
  if (path == "-") return gzdopen(dup(STDIN_FILENO), "rb");
  if (std::filesystem::is_directory(path)) throw file_error(path, "is a directory");
  return gzopen(path.c_str(), "rb");
}

}  // namespace

void LineReader::Close::operator()(gzFile_s* file) const { gzclose_r(file); }

LineReader::LineReader(std::filesystem::path path)
    : path_(std::move(path)), file_(open_for_reading(path_)), buffer_(kBufferBytes) {
  if (!file_) throw file_error(path_, "cannot be opened: " + last_system_error());
}

bool LineReader::fill() {
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

std::optional<std::string_view> LineReader::next() {
  long_line_.clear();
  std::string_view line;
  for (;;) {
    if (begin_ == end_ && !fill()) {
      if (long_line_.empty()) return std::nullopt;
      line = long_line_;
      break;
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
    if (long_line_.empty()) {
      line = {start, length};
    } else {
      long_line_.append(start, length);
      line = long_line_;
    }
    break;
  }
  ++line_number_;
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

std::runtime_error LineReader::error(const std::string& what) const {
  return file_error(path_.string() + ":" + std::to_string(line_number_), what);
}

TextWriter::TextWriter(std::filesystem::path path)
    : path_(std::move(path)),
      file_(path_),
      // The compressor closes what it writes to, so it gets a descriptor of its own.
      compressor_(
          gzdopen(dup(fileno(file_.stream())), path_.extension() == ".gz" ? "wb6" : "wbT")) {
  if (compressor_ == nullptr) throw file_error(path_, "cannot be written: " + last_system_error());
  pending_.reserve(2 * kBufferBytes);
}

TextWriter::~TextWriter() {
  if (compressor_ != nullptr) gzclose_w(compressor_);
}

void TextWriter::write(std::string_view text) {
  pending_ += text;
  if (pending_.size() >= kBufferBytes) flush();
}

void TextWriter::flush() {
  const auto size = static_cast<unsigned>(pending_.size());
  if (size > 0 && gzwrite(compressor_, pending_.data(), size) != static_cast<int>(size)) {
    throw file_error(path_, "cannot be written: " + last_system_error());
  }
  pending_.clear();
}

void TextWriter::finish() {
  flush();
  if (gzclose_w(std::exchange(compressor_, nullptr)) != Z_OK) {
    throw file_error(path_, "cannot be written: " + last_system_error());
  }
  file_.commit();
}

std::string_view take_word(std::string_view& text) {
  const std::size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  const std::size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
  const std::string_view word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

}  // namespace harpy

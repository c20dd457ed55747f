#include "decoder/language_model/text_writer.hpp"

#include <cerrno>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <utility>

#include <unistd.h>
#include <zlib.h>

namespace harpy {

namespace {

constexpr std::size_t kBufferBytes = 1U << 18U;

std::runtime_error write_error(const std::filesystem::path& path) {
  return std::runtime_error(path.string() +
                            ": cannot be written: " + std::generic_category().message(errno));
}

}  // namespace

TextWriter::TextWriter(std::filesystem::path path)
    : path_(std::move(path)),
      file_(path_),
      // The compressor closes what it writes to, so it gets a descriptor of its own.
      compressor_(
          gzdopen(dup(fileno(file_.stream())), path_.extension() == ".gz" ? "wb6" : "wbT")) {
  if (compressor_ == nullptr) throw write_error(path_);
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
    throw write_error(path_);
  }
  pending_.clear();
}

void TextWriter::finish() {
  flush();
  if (gzclose_w(std::exchange(compressor_, nullptr)) != Z_OK) {
    throw write_error(path_);
  }
  file_.commit();
}

}  // namespace harpy

#include "service/protocols/multipart_reader.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>
#include <utility>

#include "models/files/text_fields.hpp"

namespace harpy {
namespace {

constexpr std::size_t kMostBoundaryBytes = 70;  ///< by RFC 2046
constexpr std::size_t kMostPartHeaderBytes = 8192;
constexpr std::string_view kLineEnd = "\r\n";

/// Length of the first line of a text, as far as it is there, without its end or half of it: what
/// it is whatever follows.
std::size_t first_line_bytes(std::string_view text) {
  const std::size_t end = text.find(kLineEnd);
  if (end != std::string_view::npos) return end;
  return text.ends_with(kLineEnd.front()) ? text.size() - 1 : text.size();
}

[[noreturn]] void fail_form(const std::string& what) {
  throw std::runtime_error("the form (multipart/form-data) " + what);
}

bool equal_letters(std::string_view left, std::string_view right) {
  return std::equal(
      left.begin(), left.end(), right.begin(), right.end(),
      [](unsigned char a, unsigned char b) { return std::tolower(a) == std::tolower(b); });
}

struct HeaderParameter {
  std::string name;
  std::string value;
};

/// Takes a parameter off the front of what follows a header field's value, such as
/// `; name="file"; filename="a.wav"`: a word, or a text in quotes where a backslash stands before
/// quotes and itself. Nothing at the end.
std::optional<HeaderParameter> take_parameter(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of("; \t"), rest.size()));
  if (rest.empty()) return std::nullopt;
  HeaderParameter parameter;
  const std::size_t name_end = std::min(rest.find_first_of("=;"), rest.size());
  parameter.name = trim(rest.substr(0, name_end));
  rest.remove_prefix(name_end);
  if (!rest.starts_with('=')) return parameter;
  rest.remove_prefix(1);
  if (!rest.starts_with('"')) {
    const std::size_t value_end = std::min(rest.find(';'), rest.size());
    parameter.value = trim(rest.substr(0, value_end));
    rest.remove_prefix(value_end);
    return parameter;
  }
  std::size_t at = 1;
  for (; at < rest.size() && rest[at] != '"'; ++at) {
    const std::string_view next = rest.substr(at, 2);
    if (next == "\\\"" || next == "\\\\") ++at;
    parameter.value += rest[at];
  }
  rest.remove_prefix(std::min(at + 1, rest.size()));
  return parameter;
}

std::optional<std::string> find_header_parameter(std::string_view field, std::string_view name) {
  std::string_view rest = field.substr(std::min(field.find(';'), field.size()));
  while (const auto parameter = take_parameter(rest)) {
    if (equal_letters(parameter->name, name)) return parameter->value;
  }
  return std::nullopt;
}

}  // namespace

MultipartReader::MultipartReader(std::string_view content_type, Calls calls)
    : calls_(std::move(calls)) {
  if (!equal_letters(trim(content_type.substr(0, content_type.find(';'))), "multipart/form-data")) {
    throw std::runtime_error("expected a body of the type multipart/form-data");
  }
  const auto boundary = find_header_parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kMostBoundaryBytes) {
    fail_form("needs a boundary of 1 to 70 characters in Content-Type");
  }
  delimiter_ = "\r\n--" + *boundary;
  pending_ = kLineEnd;  // the first boundary need not follow a line
}

void MultipartReader::take(std::string_view bytes) {
  if (place_ == Place::kBehindParts) return;
  pending_ += bytes;
  while (advance()) {
  }
}

void MultipartReader::finish() const {
  if (place_ != Place::kBehindParts) fail_form("is not complete: its last boundary is missing");
}

bool MultipartReader::advance() {
  switch (place_) {
    case Place::kBeforeParts:
    case Place::kContent:
      return pass_to_boundary();
    case Place::kBehindBoundary:
      return pass_boundary_end();
    case Place::kHeaders:
      return read_headers();
    case Place::kBehindParts:
      pending_.clear();
      return false;
  }
  return false;
}

/// Hands over content up to the next boundary, or up to where one may have begun.
bool MultipartReader::pass_to_boundary() {
  const std::size_t found = pending_.find(delimiter_);
  const bool is_whole = found != std::string::npos;
  const std::size_t kept = delimiter_.size() - 1;
  const std::size_t content = is_whole ? found : pending_.size() - std::min(kept, pending_.size());
  if (place_ == Place::kContent && content > 0) {
    calls_.take(std::string_view(pending_).substr(0, content));
  }
  pending_.erase(0, is_whole ? content + delimiter_.size() : content);
  if (!is_whole) return false;
  if (place_ == Place::kContent) calls_.end();
  place_ = Place::kBehindBoundary;
  return true;
}

bool MultipartReader::pass_boundary_end() {
  if (pending_.starts_with("--")) {
    place_ = Place::kBehindParts;
    return true;
  }
  const std::size_t end = pending_.find(kLineEnd);
  if (first_line_bytes(pending_) > kMostBoundaryBytes) {
    fail_form("has a boundary without a line end");
  }
  if (end == std::string::npos) return false;
  if (!trim(std::string_view(pending_).substr(0, end)).empty()) {
    fail_form("has something else behind a boundary than a line end");
  }
  pending_.erase(0, end + kLineEnd.size());
  place_ = Place::kHeaders;
  part_ = {};
  has_disposition_ = false;
  header_bytes_ = 0;
  return true;
}

bool MultipartReader::read_headers() {
  const std::size_t end = pending_.find(kLineEnd);
  if (header_bytes_ + first_line_bytes(pending_) > kMostPartHeaderBytes) {
    fail_form("has a part with a header that is too long");
  }
  if (end == std::string::npos) return false;
  header_bytes_ += end + kLineEnd.size();
  const std::string line = pending_.substr(0, end);
  pending_.erase(0, end + kLineEnd.size());
  if (!line.empty()) {
    read_header_line(line);
    return true;
  }
  if (!has_disposition_) fail_form("has a part without a Content-Disposition that names its field");
  calls_.begin(part_);
  place_ = Place::kContent;
  return true;
}

void MultipartReader::read_header_line(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) fail_form("has a part with a header that has no colon");
  if (!equal_letters(trim(line.substr(0, colon)), "content-disposition")) return;
  const std::string_view value = line.substr(colon + 1);
  const auto name = find_header_parameter(value, "name");
  if (!name) return;
  has_disposition_ = true;
  part_.name = *name;
  part_.filename = find_header_parameter(value, "filename").value_or("");
}

}  // namespace harpy

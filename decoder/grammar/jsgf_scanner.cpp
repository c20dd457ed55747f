#include "decoder/grammar/jsgf_scanner.hpp"

#include <algorithm>
#include <cstddef>

namespace harpy::jsgf {

namespace {

constexpr std::string_view kSpaces = " \t\r\n\f\v";
constexpr std::string_view kSigns = ";=|*+()[]";
constexpr std::string_view kNoWord = " \t\r\n\f\v;=|*+()[]<>{}/\"";

std::string trim_name(std::string_view name) {
  const std::size_t begin = name.find_first_not_of(kSpaces);
  if (begin == std::string_view::npos) return {};
  return std::string(name.substr(begin, name.find_last_not_of(kSpaces) + 1 - begin));
}

}  // namespace

std::invalid_argument Scanner::error(const std::string& what) const {
  return std::invalid_argument("line " + std::to_string(line_) + ": " + what);
}

bool Scanner::take(std::string_view text) {
  if (!rest_.starts_with(text)) return false;
  rest_.remove_prefix(text.size());
  return true;
}

std::string Scanner::take_until(std::string_view mark) {
  const std::size_t end = rest_.find(mark);
  if (end == std::string_view::npos) throw error("expected " + std::string(mark) + " to follow");
  const std::string_view text = rest_.substr(0, end);
  line_ += static_cast<int>(std::count(text.begin(), text.end(), '\n'));
  rest_.remove_prefix(end + mark.size());
  return std::string(text);
}

void Scanner::skip_blanks() {
  for (;;) {
    if (take("\n")) {
      ++line_;
    } else if (!rest_.empty() && kSpaces.find(rest_.front()) != std::string_view::npos) {
      rest_.remove_prefix(1);
    } else if (rest_.starts_with("//")) {
      rest_.remove_prefix(std::min(rest_.find('\n'), rest_.size()));
    } else if (take("/*")) {
      take_until("*/");
    } else if (take("{")) {
      take_until("}");
    } else {
      return;
    }
  }
}

std::string Scanner::take_quoted() {
  std::string text;
  while (!rest_.empty() && rest_.front() != '"') {
    take("\\");
    if (rest_.empty()) break;
    text += rest_.front();
    rest_.remove_prefix(1);
  }
  if (!take("\"")) throw error("a quoted word does not end");
  return text;
}

Token Scanner::next() {
  skip_blanks();
  if (rest_.empty()) return {};
  if (take("\"")) return {TokenKind::kQuoted, take_quoted()};
  if (take("<")) return {TokenKind::kRule, trim_name(take_until(">"))};
  if (take("/")) return {TokenKind::kWeight, trim_name(take_until("/"))};
  const char first = rest_.front();
  if (kSigns.find(first) != std::string_view::npos) {
    rest_.remove_prefix(1);
    return {TokenKind::kSign, std::string(1, first)};
  }
  const std::string_view word = rest_.substr(0, rest_.find_first_of(kNoWord));
  if (word.empty()) throw error("unexpected " + std::string(1, first));
  rest_.remove_prefix(word.size());
  return {TokenKind::kWord, std::string(word)};
}

}  // namespace harpy::jsgf

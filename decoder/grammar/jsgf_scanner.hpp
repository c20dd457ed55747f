#pragma once

#include <stdexcept>
#include <string>
#include <string_view>

namespace harpy::jsgf {

enum class TokenKind {
  kEnd,     ///< of the text
  kWord,    ///< text is a word, or what stood between quotes
  kQuoted,  ///< likewise, between quotes
  kRule,    ///< text is a rule's name
  kWeight,  ///< text is a number between slashes
  kSign,    ///< text is one of ; = | * + ( ) [ ]
};

struct Token {
  TokenKind kind = TokenKind::kEnd;
  std::string text;

  bool is_sign(char sign) const { return kind == TokenKind::kSign && text[0] == sign; }
};

/// Cuts the text of a grammar into tokens. Comments and tags ({...}) are passed over.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  /// The next token. Errors: those of `error`.
  Token next();

  /// A fault at the place that has been read up to: std::invalid_argument naming the line.
  std::invalid_argument error(const std::string& what) const;

 private:
  void skip_blanks();
  /// Whether the rest begins with a text, which is then passed over.
  bool take(std::string_view text);
  /// What stands before a mark, which is passed over with it.
  std::string take_until(std::string_view mark);
  std::string take_quoted();

  std::string_view rest_;
  int line_ = 1;
};

}  // namespace harpy::jsgf

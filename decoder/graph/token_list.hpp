#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harpy {

/// Which output of a network is the blank: the user's words for it.
class BlankColumn {
 public:
  /// "none", "last", "behind" (the last output, which the list of tokens leaves out) or a number
  /// from 0. Errors: std::invalid_argument for other text.
  static BlankColumn parse(std::string_view text);

  bool is_in_list() const { return kind_ != Kind::kNone && kind_ != Kind::kBehind; }
  /// The column among so many, blank included; nothing: there is no blank.
  /// Errors: std::invalid_argument if there is no such column.
  std::optional<std::int64_t> of(std::int64_t column_count) const;

 private:
  enum class Kind { kNumber, kLast, kBehind, kNone };

  Kind kind_ = Kind::kNumber;
  std::int64_t number_ = 0;
};

/// What the outputs of somebody's network stand for: letters, pieces of words, phones.
class TokenList {
 public:
  /// Reads a list: a token a line; or `TOKEN ID`, whose ids are 0 to their number, in any order
  /// (icefall, WeNet, Kaldi), where disambiguation symbols (`#0`) behind the others are passed
  /// over; or `PIECE SCORE`, as SentencePiece writes its vocabulary. A line that is one blank is
  /// the token of the blank between words, and named `<space>`. Errors: std::runtime_error naming
  /// file and line.
  static TokenList read(const std::filesystem::path& path, const BlankColumn& blank);

  /// The tokens in order, without the blank: label 1 and so on.
  const std::vector<std::string>& tokens() const { return tokens_; }
  /// The token that stands between words: `|` or `<space>`, empty if there is none, or if words
  /// begin with SentencePiece's mark.
  std::string separator() const;

 private:
  std::vector<std::string> tokens_;
};

/// SentencePiece's mark of the beginning of a word, U+2581.
inline constexpr std::string_view kWordMark = "\xE2\x96\x81";

/// Whether some token begins with kWordMark.
bool marks_words(const std::vector<std::string>& tokens);

}  // namespace harpy

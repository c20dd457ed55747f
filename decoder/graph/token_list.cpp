#include "decoder/graph/token_list.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <utility>

#include "decoder/graph/lexicon.hpp"
#include "models/files/text_lines.hpp"

namespace harpy {

namespace {

constexpr std::string_view kSpaceToken = "<space>";
constexpr std::array kSeparators{std::string_view("|"), kSpaceToken};

/// A line of a list.
struct TokenLine {
  std::string token;
  std::string number;  ///< what stands behind it; may be empty
  std::string place;
};

TokenLine read_line(const TextLines& lines) {
  const std::vector<std::string_view>& fields = lines.fields();
  const bool begins_blank = kBlanks.find(lines.line()[0]) != std::string_view::npos;
  TokenLine read{.place = lines.place()};
  if (fields.empty() || (fields.size() == 1 && begins_blank && parse_uint64(fields[0]))) {
    read.token = kSpaceToken;
    if (!fields.empty()) read.number = fields[0];
  } else if (fields.size() <= 2) {
    read.token = fields[0];
    if (fields.size() == 2) read.number = fields[1];
  } else {
    throw lines.error("expected TOKEN or TOKEN ID");
  }
  return read;
}

std::vector<TokenLine> read_token_lines(const std::filesystem::path& path) {
  std::vector<TokenLine> read;
  TextLines lines(path);
  std::uint64_t empty_line = 0;
  while (const auto line = lines.next()) {
    if (line->empty()) {
      empty_line = lines.line_number();
    } else if (empty_line != 0) {
      throw std::runtime_error(path.string() + ":" + std::to_string(empty_line) +
                               ": expected a token, got an empty line");
    } else {
      read.push_back(read_line(lines));
    }
  }
  if (read.empty()) throw std::runtime_error(path.string() + ": holds no token");
  for (const TokenLine& line : read) {
    if (line.number.empty() == read[0].number.empty()) continue;
    throw std::runtime_error(line.place + ": a number stands behind each token or behind none");
  }
  return read;
}

/// Whether every id from 0 on is there once; the lines are then in their order.
bool sort_by_id(std::vector<TokenLine>& lines) {
  std::vector<const TokenLine*> order(lines.size(), nullptr);
  for (const TokenLine& line : lines) {
    const std::optional<std::uint64_t> id = parse_uint64(line.number);
    if (!id || *id >= order.size() || order[*id] != nullptr) return false;
    order[*id] = &line;
  }
  std::vector<TokenLine> sorted;
  sorted.reserve(lines.size());
  for (const TokenLine* line : order) sorted.push_back(*line);
  lines = std::move(sorted);
  return true;
}

bool is_disambiguation(std::string_view token) {
  return token.size() > 1 && token[0] == '#' && parse_uint64(token.substr(1));
}

/// Puts the lines of a list with ids in their order; the lines of SentencePiece are in it already.
void order_lines(std::vector<TokenLine>& lines) {
  if (lines[0].number.empty()) return;
  if (sort_by_id(lines)) {
    while (is_disambiguation(lines.back().token)) lines.pop_back();
    return;
  }
  for (const TokenLine& line : lines) {
    if (parse_double(line.number)) continue;
    throw std::runtime_error(line.place + ": expected an id or a score behind the token, got " +
                             line.number);
  }
  const bool are_ids = std::ranges::all_of(
      lines, [](const TokenLine& line) { return parse_uint64(line.number).has_value(); });
  const auto zeros = std::ranges::count(lines, "0", &TokenLine::number);
  if (are_ids && zeros <= 1) {
    throw std::runtime_error(lines[0].place + ": the ids are not 0 to " +
                             std::to_string(lines.size() - 1) + ", each once");
  }
}

}  // namespace

BlankColumn BlankColumn::parse(std::string_view text) {
  BlankColumn column;
  if (text == "none") {
    column.kind_ = Kind::kNone;
  } else if (text == "last") {
    column.kind_ = Kind::kLast;
  } else if (text == "behind") {
    column.kind_ = Kind::kBehind;
  } else {
    const std::optional<std::int32_t> number = parse_int32(text);
    if (!number || *number < 0) {
      throw std::invalid_argument("expected none, last, behind or a number from 0, got " +
                                  std::string(text));
    }
    column.number_ = *number;
  }
  return column;
}

std::optional<std::int64_t> BlankColumn::of(std::int64_t column_count) const {
  if (kind_ == Kind::kNone) return std::nullopt;
  if (kind_ != Kind::kNumber) return column_count - 1;
  if (number_ >= column_count) {
    throw std::invalid_argument("the blank cannot be column " + std::to_string(number_) + " of " +
                                std::to_string(column_count) + ", which are counted from 0");
  }
  return number_;
}

TokenList TokenList::read(const std::filesystem::path& path, const BlankColumn& blank) {
  std::vector<TokenLine> lines = read_token_lines(path);
  order_lines(lines);
  if (blank.is_in_list()) {
    try {
      lines.erase(lines.begin() + *blank.of(static_cast<std::int64_t>(lines.size())));
    } catch (const std::invalid_argument& error) {
      throw std::runtime_error(path.string() + ": " + error.what());
    }
  }
  TokenList list;
  std::set<std::string_view> met{kBlankName};
  for (const TokenLine& line : lines) {
    if (!met.insert(line.token).second) {
      throw std::runtime_error(line.place + ": the token \"" + line.token +
                               "\" is there twice, or is a blank that --blank does not name");
    }
    list.tokens_.push_back(line.token);
  }
  if (list.tokens_.empty()) throw std::runtime_error(path.string() + ": holds only the blank");
  return list;
}

std::string TokenList::separator() const {
  if (marks_words(tokens_)) return {};
  for (const std::string_view separator : kSeparators) {
    if (std::ranges::find(tokens_, separator) != tokens_.end()) return std::string(separator);
  }
  return {};
}

bool marks_words(const std::vector<std::string>& tokens) {
  return std::ranges::any_of(tokens,
                             [](const std::string& token) { return token.starts_with(kWordMark); });
}

}  // namespace harpy

#include "tools/score/word_splitter.hpp"

#include <algorithm>

#include "tools/score/text_folding.hpp"
#include "tools/score/word_errors.hpp"

namespace harpy::tools {

namespace {

constexpr std::string_view kMinusSign = "\u2212";

/// Where a mark ends that stands for no words, "[laughter]" or "<unk>", if one begins at a place;
/// otherwise the place itself.
std::size_t end_of_mark(std::string_view text, std::size_t begin) {
  const char open = text[begin];
  if (open != '[' && open != '<') return begin;
  const std::size_t end = text.find(open == '[' ? ']' : '>', begin);
  if (end == std::string_view::npos) return begin;
  // "a < b, c > d" has no mark.
  const bool has_blank = text.substr(begin, end - begin).find(' ') != std::string_view::npos;
  return open == '<' && has_blank ? begin : end + 1;
}

}  // namespace

std::vector<std::string> WordSplitter::split() {
  while (place_ < text_.size()) {
    const std::size_t mark_end = end_of_mark(text_, place_);
    if (mark_end > place_) {
      end_word();
      place_ = mark_end;
    } else if (numbers_ != nullptr && begins_number()) {
      end_word();
      read_number(nullptr);
    } else if (numbers_ == nullptr || !read_currency()) {
      read_character();
    }
  }
  end_word();
  return words_;
}

bool WordSplitter::is_at_begin_of_word() const {
  return place_ == 0 || text_[place_ - 1] == ' ' || text_[place_ - 1] == '(';
}

bool WordSplitter::begins_number() const {
  if (is_digit(place_)) return true;
  return text_[place_] == '.' && is_digit(place_ + 1) && is_at_begin_of_word();
}

/// Whether a period stands between single letters, as in "u.s.".
bool WordSplitter::is_in_abbreviation() const {
  const auto is_letter = [this](std::size_t place) {
    return place < text_.size() && text_[place] >= 'a' && text_[place] <= 'z';
  };
  return place_ > 0 && is_letter(place_ - 1) && is_letter(place_ + 1) &&
         (place_ == 1 || text_[place_ - 2] == '.' || text_[place_ - 2] == ' ');
}

std::string_view WordSplitter::take_digits() {
  const std::size_t begin = place_;
  while (is_digit(place_)) ++place_;
  return text_.substr(begin, place_ - begin);
}

/// Takes the ending that follows, if no letter follows it.
std::string_view WordSplitter::take_ending(const std::vector<std::string>& endings) {
  for (const std::string& ending : endings) {
    const std::string_view rest = text_.substr(place_);
    if (!rest.starts_with(ending)) continue;
    const std::string_view behind = rest.substr(ending.size());
    if (!behind.empty() && first_character(behind).kind == CharacterKind::kWord) continue;
    place_ += ending.size();
    return ending;
  }
  return {};
}

WrittenNumber WordSplitter::take_number() {
  WrittenNumber number{.digits = std::string(take_digits())};
  const std::size_t first_group = number.digits.size();
  const auto is_group = [this](std::size_t place) {
    return is_digit(place) && is_digit(place + 1) && is_digit(place + 2) && !is_digit(place + 3);
  };
  while (first_group > 0 && first_group <= 3 && place_ < text_.size() && text_[place_] == ',' &&
         is_group(place_ + 1)) {
    ++place_;
    number.digits += take_digits();
    number.is_grouped = true;
  }
  while (place_ < text_.size() && text_[place_] == '.' && is_digit(place_ + 1)) {
    ++place_;
    number.decimals.emplace_back(take_digits());
  }
  return number;
}

/// Takes words such as "million" behind a number.
std::string WordSplitter::take_scales() {
  std::string scales;
  while (place_ < text_.size() && text_[place_] == ' ') {
    const std::size_t end = std::min(text_.find_first_of(" ,.;:!?%)", place_ + 1), text_.size());
    const std::string_view word = text_.substr(place_ + 1, end - place_ - 1);
    if (!numbers_->is_scale(word)) break;
    scales += scales.empty() ? "" : " ";
    scales += word;
    place_ = end;
  }
  return scales;
}

/// Reads "1st", "1990s" and "3:30".
bool WordSplitter::read_special_number(const WrittenNumber& number) {
  if (number.is_grouped || !number.decimals.empty()) return false;
  const std::size_t begin = place_;
  std::vector<std::string> words;
  if (!take_ending(table_.ordinal_endings).empty()) {
    words = numbers_->ordinal(number.digits);
  } else if (!take_ending(table_.plural_endings).empty()) {
    words = numbers_->plural(number.digits);
  } else if (number.digits.size() <= 2 && text_.substr(place_).starts_with(':') &&
             is_digit(place_ + 1) && is_digit(place_ + 2) && !is_digit(place_ + 3)) {
    ++place_;
    words = numbers_->time(number.digits, std::string(take_digits()));
  }
  if (words.empty()) place_ = begin;
  add(words);
  return !words.empty();
}

void WordSplitter::read_money(const WrittenNumber& number, const Currency& currency) {
  const std::string scales = take_scales();
  WrittenNumber whole = number;
  std::string part;
  if (scales.empty() && number.decimals.size() == 1 && number.decimals[0].size() == 2) {
    part = number.decimals[0];
    whole.decimals.clear();
  }
  const bool is_one = whole.digits == "1" && whole.decimals.empty() && scales.empty();
  const bool has_part = !part.empty() && part != "00";
  if (!has_part || whole.digits.find_first_not_of('0') != std::string::npos) {
    add(numbers_->cardinal(whole, false));
    add(split_words(scales));
    words_.push_back(is_one ? currency.one : currency.several);
  }
  if (!has_part) return;
  const std::string cents = part[0] == '0' ? part.substr(1) : part;
  add(numbers_->cardinal({.digits = cents}, false));
  words_.push_back(cents == "1" ? currency.one_part : currency.several_parts);
}

void WordSplitter::read_number(const Currency* currency) {
  const WrittenNumber number = take_number();
  if (currency != nullptr) {
    read_money(number, *currency);
    return;
  }
  if (read_special_number(number)) return;
  if (const Currency* behind = take_currency_behind()) {
    read_money(number, *behind);
    return;
  }
  const std::string scales = take_scales();
  const bool is_share = text_.substr(place_).starts_with('%');
  add(numbers_->cardinal(number, scales.empty() && !is_share));
  add(split_words(scales));
}

/// Reads "$5": the sign, perhaps a space, and the number.
bool WordSplitter::read_currency() {
  const std::string_view sign = first_character(text_.substr(place_)).bytes;
  const auto currency = table_.currencies.find(sign);
  if (currency == table_.currencies.end()) return false;
  const std::size_t begin = place_;
  place_ += sign.size();
  if (place_ < text_.size() && text_[place_] == ' ') ++place_;
  if (!is_digit(place_)) {
    place_ = begin;
    return false;
  }
  end_word();
  read_number(&currency->second);
  return true;
}

/// Takes the sign of a currency behind a number, as in "5 €".
const Currency* WordSplitter::take_currency_behind() {
  const std::size_t begin = text_.substr(place_).starts_with(' ') ? place_ + 1 : place_;
  if (begin >= text_.size()) return nullptr;
  const std::string_view sign = first_character(text_.substr(begin)).bytes;
  const auto currency = table_.currencies.find(sign);
  if (currency == table_.currencies.end() || is_digit(begin + sign.size())) return nullptr;
  place_ = begin + sign.size();
  return &currency->second;
}

void WordSplitter::read_character() {
  const Character character = first_character(text_.substr(place_));
  const auto symbol = table_.symbols.find(character.bytes);
  const std::size_t behind = place_ + character.bytes.size();
  if (symbol != table_.symbols.end()) {
    end_word();
    add(split_words(symbol->second));
  } else if ((character.bytes == "-" || character.bytes == kMinusSign) && is_at_begin_of_word() &&
             numbers_ != nullptr && is_digit(behind)) {
    end_word();
    if (!table_.minus.empty()) words_.push_back(table_.minus);
  } else if (character.kind == CharacterKind::kWord || character.bytes == "'") {
    word_ += character.bytes;
  } else if (character.bytes != "." || !is_in_abbreviation()) {
    end_word();
  }
  place_ = behind;
}

void WordSplitter::end_word() {
  if (!word_.empty()) words_.push_back(word_);
  word_.clear();
}

void WordSplitter::add(const std::vector<std::string>& words) {
  words_.insert(words_.end(), words.begin(), words.end());
}

}  // namespace harpy::tools

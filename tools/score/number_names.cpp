#include "tools/score/number_names.hpp"

#include <limits>
#include <utility>

namespace harpy::tools {

namespace {

constexpr std::uint64_t kNoNumber = std::numeric_limits<std::uint64_t>::max();
constexpr std::size_t kMostDigits = 15;  ///< longer numbers are read digit by digit

bool is_said_in_pairs(std::uint64_t year) {
  return ((year >= 1100 && year < 2000) || (year >= 2010 && year < 2100)) && year % 100 != 0;
}

}  // namespace

NumberNames::NumberNames(const NormalisationTable& table) : table_(table) {
  for (const auto& [number, name] : table.cardinals) values_.emplace(name, number);
  for (const auto& [sign, currency] : table.currencies) {
    currency_names_.insert(currency.one);
    currency_names_.insert(currency.several);
    part_names_.insert(currency.one_part);
    part_names_.insert(currency.several_parts);
  }
}

void NumberNames::add_cardinal(std::uint64_t number, Words& words) const {
  if (number == 0) {
    words.push_back(table_.cardinals.at(0));
    return;
  }
  for (auto scale = table_.cardinals.rbegin(); scale->first >= 100; ++scale) {
    if (number < scale->first) continue;
    add_cardinal(number / scale->first, words);
    words.push_back(scale->second);
    number %= scale->first;
  }
  if (number >= 20) {
    words.push_back(table_.cardinals.at(number / 10 * 10));
    number %= 10;
  }
  if (number > 0) words.push_back(table_.cardinals.at(number));
}

void NumberNames::add_pair(std::uint64_t number, Words& words) const {
  if (number < 10) {
    const bool has_name = !table_.zero_in_years.empty();
    words.push_back(has_name ? table_.zero_in_years : table_.cardinals.at(0));
  }
  add_cardinal(number, words);
}

void NumberNames::add_digits(std::string_view digits, Words& words) const {
  for (const char digit : digits) {
    words.push_back(table_.cardinals.at(static_cast<std::uint64_t>(digit - '0')));
  }
}

NumberNames::Words NumberNames::year(std::uint64_t number) const {
  Words words;
  add_cardinal(number / 100, words);
  add_pair(number % 100, words);
  return words;
}

NumberNames::Words NumberNames::cardinal(const WrittenNumber& number, bool may_be_year) const {
  Words words;
  const bool has_leading_zero = number.digits.size() > 1 && number.digits[0] == '0';
  if (number.digits.size() > kMostDigits || has_leading_zero) {
    add_digits(number.digits, words);
  } else if (!number.digits.empty()) {
    const std::uint64_t value = std::stoull(number.digits);
    const bool is_year = may_be_year && !number.is_grouped && number.decimals.empty() &&
                         !table_.zero_in_years.empty() && is_said_in_pairs(value);
    if (is_year) return year(value);
    add_cardinal(value, words);
  }
  for (const std::string& decimals : number.decimals) {
    words.push_back(table_.point);
    add_digits(decimals, words);
  }
  return words;
}

NumberNames::Words NumberNames::with_last(Words words,
                                          const std::map<std::uint64_t, std::string>& names) const {
  const auto name = names.find(value(words.back()));
  if (name == names.end()) return {};
  words.back() = name->second;
  return words;
}

NumberNames::Words NumberNames::ordinal(const std::string& digits) const {
  if (digits.size() > kMostDigits) return {};
  Words words;
  add_cardinal(std::stoull(digits), words);
  return with_last(std::move(words), table_.ordinals);
}

NumberNames::Words NumberNames::plural(const std::string& digits) const {
  if (digits.size() > kMostDigits) return {};
  const std::uint64_t number = std::stoull(digits);
  Words words;
  if (number >= 1100 && number < 2000 && number % 100 == 0) {
    add_cardinal(number / 100, words);
    words.push_back(table_.cardinals.at(100));
  } else if (is_said_in_pairs(number)) {
    words = year(number);
  } else {
    add_cardinal(number, words);
  }
  return with_last(std::move(words), table_.plurals);
}

NumberNames::Words NumberNames::time(const std::string& hours, const std::string& minutes) const {
  Words words;
  add_cardinal(std::stoull(hours), words);
  if (minutes != "00") add_pair(std::stoull(minutes), words);
  return words;
}

std::uint64_t NumberNames::value(std::string_view word) const {
  const auto found = values_.find(word);
  return found == values_.end() ? kNoNumber : found->second;
}

std::uint64_t NumberNames::value_at(const Words& words, std::size_t index) const {
  return index < words.size() ? value(words[index]) : kNoNumber;
}

bool NumberNames::is_scale(std::string_view word) const {
  const std::uint64_t number = value(word);
  return number != kNoNumber && number >= 100;
}

/// Whether a word is the "and" in "two hundred and five" or "two dollars and five cents".
bool NumberNames::is_joiner(const Words& words, std::size_t index) const {
  if (words[index] != table_.joiner || index == 0) return false;
  std::size_t end = index + 1;
  while (value_at(words, end) != kNoNumber) ++end;
  if (end == index + 1) return false;
  const std::string& before = words[index - 1];
  return is_scale(before) || (currency_names_.contains(before) && end < words.size() &&
                              part_names_.contains(words[end]));
}

NumberNames::Words NumberNames::unify(const Words& words) const {
  Words plain;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_joiner(words, i)) plain.push_back(words[i]);
  }
  Words unified;
  const auto is_of_two_digits = [&plain, this](std::size_t index) {
    const std::uint64_t next = value_at(plain, index);
    return next < 100 && next >= 10;
  };
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const std::uint64_t number = value(plain[i]);
    const bool follows_number = !unified.empty() && value(unified.back()) != kNoNumber;
    if (number > 10 && number < 20 && value_at(plain, i + 1) == 100) {
      add_cardinal(number * 100, unified);
      ++i;
    } else if (!table_.zero_in_years.empty() && number == 2 && !follows_number &&
               value_at(plain, i + 1) == 1000 && is_of_two_digits(i + 2)) {
      unified.push_back(table_.cardinals.at(20));
      ++i;
    } else {
      unified.push_back(plain[i]);
    }
  }
  return unified;
}

}  // namespace harpy::tools

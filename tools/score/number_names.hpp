#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tools/score/normalisation_table.hpp"

namespace harpy::tools {

/// A number as it stands in a text in digits.
struct WrittenNumber {
  std::string digits;                 ///< before the decimal point, without separators
  bool is_grouped = false;            ///< whether separators stood between its thousands
  std::vector<std::string> decimals;  ///< behind the point; more than one in "1.2.3"
};

/// Says numbers in the words of a language that builds them as English does: thousands, hundreds,
/// tens, ones, in this order. Const access from any thread.
class NumberNames {
 public:
  /// `table` must outlive it and have cardinals.
  explicit NumberNames(const NormalisationTable& table);

  using Words = std::vector<std::string>;

  /// "1,250" is "one thousand two hundred fifty", "1.05" "one point zero five", "007" is read digit
  /// by digit. With `may_be_year`, four digits from 1100 to 1999 and from 2010 to 2099 are said in
  /// pairs ("nineteen eighty four"), hundreds excepted.
  Words cardinal(const WrittenNumber& number, bool may_be_year) const;
  /// "21" is "twenty first"; empty if the table does not have the name.
  Words ordinal(const std::string& digits) const;
  /// "1990" is "nineteen nineties", "80" is "eighties"; empty if the table does not have the name.
  Words plural(const std::string& digits) const;
  /// "3", "05" is "three oh five", "3", "00" is "three".
  Words time(const std::string& hours, const std::string& minutes) const;

  /// Whether a word is the name of 100 or 1000 or more.
  bool is_scale(std::string_view word) const;

  /// Brings number words that are said in several ways into one: "and" behind a hundred, a thousand
  /// or a currency goes ("two hundred and five"), "fifteen hundred" is "one thousand five hundred",
  /// "two thousand twenty four" is "twenty twenty four".
  Words unify(const Words& words) const;

 private:
  void add_cardinal(std::uint64_t number, Words& words) const;
  void add_pair(std::uint64_t number, Words& words) const;
  void add_digits(std::string_view digits, Words& words) const;
  Words year(std::uint64_t number) const;
  /// The value of the name of a number; kNoNumber for other words.
  std::uint64_t value(std::string_view word) const;
  std::uint64_t value_at(const Words& words, std::size_t index) const;
  bool is_joiner(const Words& words, std::size_t index) const;
  Words with_last(Words words, const std::map<std::uint64_t, std::string>& names) const;

  const NormalisationTable& table_;
  std::map<std::string, std::uint64_t, std::less<>> values_;
  std::set<std::string, std::less<>> currency_names_;
  std::set<std::string, std::less<>> part_names_;  ///< of currencies: "cents"
};

}  // namespace harpy::tools

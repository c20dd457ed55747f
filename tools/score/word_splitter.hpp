#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/score/normalisation_table.hpp"
#include "tools/score/number_names.hpp"

namespace harpy::tools {

/// Splits one folded text into words: punctuation goes, symbols and numbers in digits become words.
/// Apostrophes stay where they are, at the ends of words too.
class WordSplitter {
 public:
  /// All must outlive it; without `numbers`, numbers stay digits.
  WordSplitter(std::string_view text, const NormalisationTable& table, const NumberNames* numbers)
      : text_(text), table_(table), numbers_(numbers) {}

  std::vector<std::string> split();

 private:
  bool is_digit(std::size_t place) const {
    return place < text_.size() && text_[place] >= '0' && text_[place] <= '9';
  }
  bool begins_number() const;
  bool is_at_begin_of_word() const;
  bool is_in_abbreviation() const;
  std::string_view take_digits();
  std::string_view take_ending(const std::vector<std::string>& endings);
  std::string take_scales();
  WrittenNumber take_number();
  void read_number(const Currency* currency);
  bool read_special_number(const WrittenNumber& number);
  void read_money(const WrittenNumber& number, const Currency& currency);
  bool read_currency();
  const Currency* take_currency_behind();
  void read_character();
  void end_word();
  void add(const std::vector<std::string>& words);

  const std::string_view text_;
  const NormalisationTable& table_;
  const NumberNames* const numbers_;
  std::size_t place_ = 0;  ///< bytes read
  std::string word_;       ///< the one that is being read
  std::vector<std::string> words_;
};

}  // namespace harpy::tools

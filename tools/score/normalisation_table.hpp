#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace harpy::tools {

/// What a currency and its hundredth part are called: one of them, several of them.
struct Currency {
  std::string one;
  std::string several;
  std::string one_part;
  std::string several_parts;
};

/// How the texts of a language are brought into one form before they are compared. All of it stands
/// in a text file (docs/score.md, tools/score/english.txt); what a file leaves out is not changed
/// in the texts. Everything is folded as fold_text does.
struct NormalisationTable {
  /// Characters and what takes their place, before words are looked for.
  std::map<std::string, std::string, std::less<>> characters;
  /// Characters that are read as words, and these words.
  std::map<std::string, std::string, std::less<>> symbols;
  std::map<std::string, Currency, std::less<>> currencies;
  /// Names of 0 to 20, of the tens, and of 100, 1000 and the powers of 1000; if it is empty,
  /// numbers stay digits.
  std::map<std::uint64_t, std::string> cardinals;
  std::map<std::uint64_t, std::string> ordinals;
  /// Names of decades ("nineties").
  std::map<std::uint64_t, std::string> plurals;
  std::vector<std::string> ordinal_endings;  ///< behind digits: "st"
  std::vector<std::string> plural_endings;   ///< behind digits: "s"
  std::string joiner;                        ///< "and" in "two hundred and five"
  std::string point;                         ///< between a number and its decimals
  std::string minus;
  std::string zero_in_years;  ///< "oh" in "nineteen oh five"; empty: years are read as numbers
  /// Words, or several separated by spaces, and those that take their place, perhaps none.
  std::map<std::string, std::string, std::less<>> spellings;
};

/// Reads a table from its text; `name` is what errors call it.
/// Errors: std::runtime_error naming the line for what is not understood.
NormalisationTable parse_normalisation_table(std::string_view text, const std::string& name);

/// As above, from a file. Errors: also if it cannot be read.
NormalisationTable read_normalisation_table(const std::filesystem::path& path);

/// The table of English, tools/score/english.txt as it was when the program was built.
NormalisationTable english_normalisation_table();

}  // namespace harpy::tools

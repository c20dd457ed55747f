#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tools/score/normalisation_table.hpp"
#include "tools/score/number_names.hpp"

namespace harpy::tools {

/// Brings texts that say the same into one form, so that recognisers can be compared whose texts
/// differ in letter case, punctuation, numbers in digits, or spellings. References and hypotheses
/// must both be normalised. docs/score.md lists what is done.
///
/// Const access from any thread.
class TextNormaliser {
 public:
  explicit TextNormaliser(NormalisationTable table);
  TextNormaliser(const TextNormaliser&) = delete;
  TextNormaliser& operator=(const TextNormaliser&) = delete;

  /// The words of a text, separated by spaces.
  /// Errors: std::runtime_error if the text is not UTF-8.
  std::string normalise(std::string_view text) const;

 private:
  using Words = std::vector<std::string>;

  Words respell(const Words& words) const;

  const NormalisationTable table_;
  std::optional<NumberNames> numbers_;  ///< absent: numbers stay digits
  std::size_t longest_spelling_ = 0;    ///< words on the left side of the table's spellings
};

}  // namespace harpy::tools

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace harpy::tools {

/// How a hypothesis differs from its reference.
struct ErrorCounts {
  std::int64_t reference_words = 0;
  std::int64_t substitutions = 0;
  std::int64_t deletions = 0;
  std::int64_t insertions = 0;

  std::int64_t correct() const { return reference_words - substitutions - deletions; }
  std::int64_t errors() const { return substitutions + deletions + insertions; }
  /// Errors per reference word, in per cent; 0 for an empty reference without errors.
  double error_rate_percent() const;
  ErrorCounts& operator+=(const ErrorCounts& other);
  bool operator==(const ErrorCounts&) const = default;
};

enum class EditKind { kCorrect, kSubstitution, kDeletion, kInsertion };

/// One column of an alignment; the missing side of a deletion or insertion is empty.
struct Edit {
  EditKind kind = EditKind::kCorrect;
  std::string_view reference;
  std::string_view hypothesis;
};

/// Aligns two word sequences as NIST's sclite does: with the least weight of all alignments
/// (correct 0, insertion and deletion 3, substitution 4); among equals, from the end on, a pair
/// goes before an insertion and that before a deletion. Cost: |reference| x |hypothesis| steps, a
/// quarter as many bytes.
std::vector<Edit> align_words(std::span<const std::string> reference,
                              std::span<const std::string> hypothesis);

ErrorCounts count_errors(std::span<const Edit> alignment);

/// Splits at white space.
std::vector<std::string> split_words(std::string_view text);

/// The characters (UTF-8) of a text, each as a word of its own; "_" stands between words.
std::vector<std::string> split_characters(std::string_view text);

}  // namespace harpy::tools

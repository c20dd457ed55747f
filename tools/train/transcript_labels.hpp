#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decoder/graph/lexicon.hpp"
#include "decoder/pronunciation/pronouncer.hpp"

namespace harpy::tools {

/// What becomes of words that the lexicon lacks.
enum class UnknownWords {
  kGuess,   ///< pronounced as Pronouncer guesses
  kSpell,   ///< spelled by their characters, which are the lexicon's phones
  kRefuse,  ///< the transcript cannot be used
};

/// Turns transcripts into phones: of each word, in the lexicon's case, its first pronunciation.
/// Threads: one at a time.
class TranscriptLabels {
 public:
  /// The lexicon must outlive this.
  TranscriptLabels(const Lexicon& lexicon, UnknownWords unknown_words,
                   LetterCase letter_case = LetterCase::kUpper)
      : lexicon_(lexicon), unknown_words_(unknown_words), letter_case_(letter_case) {}

  /// Errors: std::runtime_error naming a word that cannot be pronounced.
  std::vector<std::int32_t> labels(const std::string& text);

  /// Words that the lexicon lacks, guessed or spelled.
  std::size_t unknown_count() const { return unknown_.size(); }
  /// Writes their pronunciations in CMUdict's format. Errors: std::runtime_error naming the file.
  void write_unknown(const std::filesystem::path& path) const;

 private:
  /// The pronunciation of a word that the lexicon lacks.
  const Lexicon::Pronunciation& unknown(const std::string& word);
  Lexicon::Pronunciation guess(const std::string& word);
  Lexicon::Pronunciation spell(const std::string& word) const;

  const Lexicon& lexicon_;
  UnknownWords unknown_words_;
  LetterCase letter_case_;
  std::optional<Pronouncer> pronouncer_;  ///< made for the first unknown word
  std::map<std::string, Lexicon::Pronunciation> unknown_;
};

}  // namespace harpy::tools

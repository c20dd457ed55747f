#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "decoder/graph/lexicon.hpp"
#include "tools/train_pronouncer.hpp"

namespace harpy::tools {

/// What becomes of words that the lexicon lacks.
enum class UnknownWords {
  kGuess,  ///< pronounced as Pronouncer guesses
  kRefuse  ///< the transcript cannot be used
};

/// Turns transcripts into phones: of each word the lexicon's first pronunciation.
/// Threads: one at a time.
class TranscriptReader {
 public:
  /// The lexicon must outlive this.
  TranscriptReader(const Lexicon& lexicon, UnknownWords unknown_words)
      : lexicon_(lexicon), unknown_words_(unknown_words) {}

  /// Errors: std::runtime_error naming a word that cannot be pronounced.
  std::vector<std::int32_t> labels(const std::string& text);

  std::size_t guessed_count() const { return guessed_.size(); }
  /// Writes the guessed pronunciations in CMUdict's format. Errors: std::runtime_error naming the
  /// file.
  void write_guessed(const std::filesystem::path& path) const;

 private:
  const Lexicon::Pronunciation& guess(const std::string& word);

  const Lexicon& lexicon_;
  UnknownWords unknown_words_;
  std::optional<Pronouncer> pronouncer_;  ///< made for the first unknown word
  std::map<std::string, Lexicon::Pronunciation> guessed_;
};

}  // namespace harpy::tools

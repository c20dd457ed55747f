#include "tools/train/transcript_labels.hpp"

#include <span>
#include <sstream>
#include <stdexcept>

#include "models/files/replacement_file.hpp"

namespace harpy::tools {

std::vector<std::int32_t> TranscriptLabels::labels(const std::string& text) {
  std::vector<std::int32_t> labels;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    word = fold_case(word, letter_case_);
    const auto known = lexicon_.pronunciations(word);
    const Lexicon::Pronunciation& phones = known.empty() ? unknown(word) : known[0];
    labels.insert(labels.end(), phones.begin(), phones.end());
  }
  return labels;
}

const Lexicon::Pronunciation& TranscriptLabels::unknown(const std::string& word) {
  if (unknown_words_ == UnknownWords::kRefuse) {
    throw std::runtime_error("not in the lexicon: " + word);
  }
  auto found = unknown_.find(word);
  if (found == unknown_.end()) {
    const bool spelled = unknown_words_ == UnknownWords::kSpell;
    found = unknown_.emplace(word, spelled ? spell(word) : guess(word)).first;
  }
  return found->second;
}

Lexicon::Pronunciation TranscriptLabels::guess(const std::string& word) {
  if (!pronouncer_) pronouncer_.emplace(lexicon_);
  Lexicon::Pronunciation phones = pronouncer_->pronounce(word);
  if (phones.empty()) throw std::runtime_error("cannot be pronounced: " + word);
  return phones;
}

Lexicon::Pronunciation TranscriptLabels::spell(const std::string& word) const {
  const std::vector<std::string>& names = lexicon_.labels().names();
  try {
    const Lexicon spelled = Lexicon::spell(
        std::span(&word, 1),
        {.letter_case = LetterCase::kKeep, .phones = {names.begin() + 1, names.end()}});
    return spelled.pronunciations(word)[0];
  } catch (const std::invalid_argument& error) {
    throw std::runtime_error("cannot be spelled: " + word + " (" + error.what() + ")");
  }
}

void TranscriptLabels::write_unknown(const std::filesystem::path& path) const {
  ReplacementFile file(path);
  for (const auto& [word, phones] : unknown_) {
    file.write(word);
    for (const std::int32_t phone : phones) file.write(" " + lexicon_.labels().name(phone));
    file.write("\n");
  }
  file.commit();
}

}  // namespace harpy::tools

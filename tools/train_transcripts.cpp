#include "tools/train_transcripts.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace harpy::tools {

std::vector<std::int32_t> TranscriptReader::labels(const std::string& text) {
  std::vector<std::int32_t> labels;
  std::istringstream words(text);
  for (std::string word; words >> word;) {
    const auto known = lexicon_.pronunciations(word);
    const Lexicon::Pronunciation& phones = known.empty() ? guess(word) : known[0];
    labels.insert(labels.end(), phones.begin(), phones.end());
  }
  return labels;
}

const Lexicon::Pronunciation& TranscriptReader::guess(const std::string& word) {
  if (unknown_words_ == UnknownWords::kRefuse) {
    throw std::runtime_error("not in the lexicon: " + word);
  }
  if (!pronouncer_) pronouncer_.emplace(lexicon_);
  auto found = guessed_.find(word);
  if (found == guessed_.end()) {
    Lexicon::Pronunciation phones = pronouncer_->pronounce(word);
    if (phones.empty()) throw std::runtime_error("cannot be pronounced: " + word);
    found = guessed_.emplace(word, std::move(phones)).first;
  }
  return found->second;
}

void TranscriptReader::write_guessed(const std::filesystem::path& path) const {
  std::ofstream stream(path);
  for (const auto& [word, phones] : guessed_) {
    stream << word;
    for (const std::int32_t phone : phones) stream << ' ' << lexicon_.labels().name(phone);
    stream << '\n';
  }
  stream.close();
  if (!stream) throw std::runtime_error(path.string() + ": cannot be written");
}

}  // namespace harpy::tools

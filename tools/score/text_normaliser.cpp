#include "tools/score/text_normaliser.hpp"

#include <algorithm>
#include <utility>

#include "tools/score/text_folding.hpp"
#include "tools/score/word_errors.hpp"
#include "tools/score/word_splitter.hpp"

namespace harpy::tools {

namespace {

/// A word without apostrophes at its ends.
std::string_view without_quotes(std::string_view word) {
  const std::size_t begin = word.find_first_not_of('\'');
  if (begin == std::string_view::npos) return {};
  return word.substr(begin, word.find_last_not_of('\'') + 1 - begin);
}

/// Replaces the table's characters, and spaces of all kinds by the ordinary one.
std::string replace_characters(std::string_view text, const NormalisationTable& table) {
  std::string replaced;
  while (!text.empty()) {
    const Character character = first_character(text);
    const auto other = table.characters.find(character.bytes);
    if (other != table.characters.end()) {
      replaced += other->second;
    } else {
      replaced += character.kind == CharacterKind::kSpace ? " " : character.bytes;
    }
    text.remove_prefix(character.bytes.size());
  }
  return replaced;
}

}  // namespace

TextNormaliser::TextNormaliser(NormalisationTable table) : table_(std::move(table)) {
  if (!table_.cardinals.empty()) numbers_.emplace(table_);
  for (const auto& [from, to] : table_.spellings) {
    longest_spelling_ = std::max(longest_spelling_, split_words(from).size());
  }
}

std::string TextNormaliser::normalise(std::string_view text) const {
  const std::string folded = replace_characters(fold_text(text), table_);
  const NumberNames* numbers = numbers_ ? &*numbers_ : nullptr;
  Words words = respell(WordSplitter(folded, table_, numbers).split());
  if (numbers != nullptr) words = numbers->unify(words);
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : " ") + word;
  return joined;
}

TextNormaliser::Words TextNormaliser::respell(const Words& words) const {
  Words plain;  // without the quotes, or the table's words for one that needs its apostrophe
  for (const std::string& word : words) {
    const auto spelling = table_.spellings.find(word);
    const std::string_view bare = without_quotes(word);
    if (bare.size() < word.size() && spelling != table_.spellings.end()) {
      for (std::string& other : split_words(spelling->second)) plain.push_back(std::move(other));
    } else if (!bare.empty()) {
      plain.emplace_back(bare);
    }
  }
  Words respelled;
  for (std::size_t begin = 0; begin < plain.size();) {
    std::size_t count = std::min(longest_spelling_, plain.size() - begin);
    auto spelling = table_.spellings.end();
    for (; count > 0; --count) {
      std::string phrase = plain[begin];
      for (std::size_t i = 1; i < count; ++i) phrase += " " + plain[begin + i];
      spelling = table_.spellings.find(phrase);
      if (spelling != table_.spellings.end()) break;
    }
    if (count == 0) {
      respelled.push_back(plain[begin++]);
      continue;
    }
    for (std::string& other : split_words(spelling->second)) respelled.push_back(std::move(other));
    begin += count;
  }
  return respelled;
}

}  // namespace harpy::tools

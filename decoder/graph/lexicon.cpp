#include "decoder/graph/lexicon.hpp"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "decoder/graph/text_lines.hpp"

namespace harpy {

namespace {

/// A word without the number of its variant: "read(2)" is "read".
std::string_view drop_variant(std::string_view word) {
  if (word.size() < 4 || word.back() != ')') return word;
  const std::size_t open = word.rfind('(');
  if (open == std::string_view::npos || open == 0 || open + 2 >= word.size()) return word;
  const std::string_view digits = word.substr(open + 1, word.size() - open - 2);
  const bool is_number =
      std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return is_number ? word.substr(0, open) : word;
}

/// Bytes of the UTF-8 character that a byte begins, or 0.
std::size_t character_size(char first) {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0x80U) return 1;
  if (byte >= 0xC2U && byte < 0xE0U) return 2;
  if (byte >= 0xE0U && byte < 0xF0U) return 3;
  if (byte >= 0xF0U && byte < 0xF5U) return 4;
  return 0;
}

std::vector<std::string_view> split_characters(std::string_view word) {
  std::vector<std::string_view> characters;
  for (std::size_t begin = 0; begin < word.size();) {
    const std::string_view character = word.substr(begin, character_size(word[begin]));
    const bool good = !character.empty() && character.size() == character_size(word[begin]) &&
                      std::all_of(character.begin() + 1, character.end(), [](char c) {
                        return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
                      });
    if (!good) throw std::invalid_argument("word \"" + std::string(word) + "\" is not UTF-8");
    characters.push_back(character);
    begin += character.size();
  }
  return characters;
}

}  // namespace

std::string fold_case(std::string_view word, LetterCase letter_case) {
  std::string folded(word);
  for (char& letter : folded) {
    if (letter_case == LetterCase::kUpper && letter >= 'a' && letter <= 'z') {
      letter = static_cast<char>(letter - 'a' + 'A');
    } else if (letter_case == LetterCase::kLower && letter >= 'A' && letter <= 'Z') {
      letter = static_cast<char>(letter - 'A' + 'a');
    }
  }
  return folded;
}

Lexicon::Lexicon(const LexiconOptions& options) : phones_are_fixed_(!options.phones.empty()) {
  labels_.add(kBlankName);
  for (const std::string& phone : options.phones) labels_.add(phone);
}

Lexicon Lexicon::read(const std::filesystem::path& path, const LexiconOptions& options) {
  Lexicon lexicon(options);
  TextLines lines(path);
  while (lines.next()) {
    const std::vector<std::string_view>& fields = lines.fields();
    if (fields.empty() || fields[0].starts_with(";;;")) continue;
    const auto end = std::find(fields.begin() + 1, fields.end(), "#");
    if (end == fields.begin() + 1) {
      throw lines.failure("the word \"" + std::string(fields[0]) + "\" has no phones");
    }
    try {
      Pronunciation pronunciation;
      for (auto phone = fields.begin() + 1; phone != end; ++phone) {
        pronunciation.push_back(lexicon.label(*phone));
      }
      lexicon.add(fold_case(drop_variant(fields[0]), options.letter_case),
                  std::move(pronunciation));
    } catch (const std::invalid_argument& error) {
      throw lines.failure(error.what());
    }
  }
  if (lexicon.words_.size() == 0) throw std::runtime_error(path.string() + ": holds no word");
  lexicon.sort_phones();
  return lexicon;
}

Lexicon Lexicon::spell(std::span<const std::string> words, const LexiconOptions& options) {
  Lexicon lexicon(options);
  for (const std::string& word : words) {
    const std::string folded = fold_case(word, options.letter_case);
    Pronunciation pronunciation;
    for (std::string_view character : split_characters(folded)) {
      pronunciation.push_back(lexicon.label(character));
    }
    lexicon.add(folded, std::move(pronunciation));
  }
  lexicon.sort_phones();
  return lexicon;
}

std::span<const Lexicon::Pronunciation> Lexicon::pronunciations(std::string_view word) const {
  const std::optional<std::int32_t> index = words_.find(word);
  if (!index) return {};
  return pronunciations_[static_cast<std::size_t>(*index)];
}

void Lexicon::add_pronunciation(std::string_view word, Pronunciation pronunciation) {
  const auto is_phone = [this](std::int32_t label) { return label > 0 && label < labels_.size(); };
  if (pronunciation.empty() || !std::all_of(pronunciation.begin(), pronunciation.end(), is_phone)) {
    throw std::invalid_argument("lexicon: expected labels 1 to " +
                                std::to_string(labels_.size() - 1) + " of \"" + std::string(word) +
                                "\"");
  }
  add(word, std::move(pronunciation));
}

void Lexicon::add_words(const Lexicon& other) {
  std::vector<std::int32_t> label_here{kBlankLabel};
  for (std::int32_t phone = 1; phone < other.labels_.size(); ++phone) {
    label_here.push_back(label(other.labels_.name(phone)));
  }
  for (const std::string& word : other.words()) {
    for (Pronunciation pronunciation : other.pronunciations(word)) {
      for (std::int32_t& phone : pronunciation) phone = label_here[phone];
      add(word, std::move(pronunciation));
    }
  }
  sort_phones();
}

std::int32_t Lexicon::label(std::string_view phone) {
  if (phone == kBlankName) throw std::invalid_argument("blank is no phone of a word");
  if (const std::optional<std::int32_t> known = labels_.find(phone)) return *known;
  if (phones_are_fixed_) {
    throw std::invalid_argument("phone \"" + std::string(phone) + "\" is not one of the " +
                                std::to_string(labels_.size() - 1) + " phones given");
  }
  return labels_.add(phone);
}

void Lexicon::add(std::string_view word, Pronunciation pronunciation) {
  const std::optional<std::int32_t> known = words_.find(word);
  const auto index = static_cast<std::size_t>(known ? *known : words_.add(word));
  if (!known) pronunciations_.emplace_back();
  std::vector<Pronunciation>& variants = pronunciations_[index];
  if (std::find(variants.begin(), variants.end(), pronunciation) == variants.end()) {
    variants.push_back(std::move(pronunciation));
  }
}

void Lexicon::sort_phones() {
  if (phones_are_fixed_) return;
  const SymbolTable found = std::move(labels_);
  std::vector<std::string> names = found.names();
  std::sort(names.begin() + 1, names.end());
  labels_ = SymbolTable(names);
  std::vector<std::int32_t> sorted_label;
  for (const std::string& name : found.names()) sorted_label.push_back(*labels_.find(name));
  for (std::vector<Pronunciation>& variants : pronunciations_) {
    for (Pronunciation& pronunciation : variants) {
      for (std::int32_t& phone : pronunciation) phone = sorted_label[phone];
    }
  }
}

}  // namespace harpy

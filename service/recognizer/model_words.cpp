#include "service/recognizer/model_words.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <stdexcept>
#include <utility>
#include <vector>

#include "decoder/graph/token_list.hpp"
#include "decoder/graph/token_spelling.hpp"
#include "decoder/language_model/vocabulary.hpp"

namespace harpy {

namespace {

/// The case that most words have, by their first letters.
LetterCase usual_case(const SymbolTable& words) {
  std::ptrdiff_t upper = 0;
  std::ptrdiff_t lower = 0;
  for (const std::string& word : words.names()) {
    upper += word[0] >= 'A' && word[0] <= 'Z' ? 1 : 0;
    lower += word[0] >= 'a' && word[0] <= 'z' ? 1 : 0;
  }
  if (upper == lower) return LetterCase::kKeep;
  return upper > lower ? LetterCase::kUpper : LetterCase::kLower;
}

/// The labels of a package without the blank and the units behind them.
std::vector<std::string> label_names(const GraphPackage& package) {
  const std::vector<std::string>& labels = package.labels.names();
  return {labels.begin() + 1,
          labels.begin() + package.frame_labels.contexts.label_count(package.labels.size())};
}

Pronouncer learn(const GraphPackage& package) {
  Lexicon lexicon =
      Lexicon::spell({}, {.letter_case = LetterCase::kKeep, .phones = label_names(package)});
  for (std::int32_t word = 1; word < package.words.size(); ++word) {
    for (Lexicon::Pronunciation& pronunciation : pronunciations_of(package, word)) {
      lexicon.add_pronunciation(package.words.name(word), std::move(pronunciation));
    }
  }
  return Pronouncer(lexicon);
}

/// Whether words are spelled in labels: letters or pieces, as spell_in_tokens does it. Some words
/// tell.
bool spells_words(const GraphPackage& package) {
  constexpr std::int32_t kWordsAsked = 100;
  const std::string mark(marks_words(package.labels.names()) ? kWordMark : std::string_view());
  for (std::int32_t word = 1; word < std::min(package.words.size(), kWordsAsked); ++word) {
    if (package.pronunciations.pronunciation_count(word) == 0) return false;
    std::string spelled;
    for (const std::int32_t label : package.pronunciations.labels(word, 0)) {
      spelled += package.labels.name(label);
    }
    if (spelled != mark + package.words.name(word)) return false;
  }
  return package.words.size() > 1;
}

/// The marks of Kaldi's phones that begin, end, are within and are a word.
constexpr std::array<std::string_view, 4> kPlaceMarks{"_B", "_E", "_I", "_S"};

/// A phone's name without such a mark.
std::string_view without_mark(std::string_view name) {
  for (const std::string_view mark : kPlaceMarks) {
    if (name.ends_with(mark)) return name.substr(0, name.size() - mark.size());
  }
  return name;
}

std::string_view mark_at(std::size_t place, std::size_t count) {
  if (count == 1) return kPlaceMarks[3];
  if (place == 0) return kPlaceMarks[0];
  return place + 1 == count ? kPlaceMarks[1] : kPlaceMarks[2];
}

}  // namespace

std::optional<std::int32_t> find_phone(const GraphPackage& package, const std::string& name) {
  std::optional<std::int32_t> label = package.labels.find(name);
  for (const std::string_view mark : kPlaceMarks) {
    if (!label) label = package.labels.find(name + std::string(mark));
  }
  return label;
}

Lexicon::Pronunciation place_phones(const GraphPackage& package, Lexicon::Pronunciation phones) {
  for (std::size_t i = 0; i < phones.size(); ++i) {
    std::string name(without_mark(package.labels.name(phones[i])));
    name += mark_at(i, phones.size());
    phones[i] = package.labels.find(name).value_or(phones[i]);
  }
  return phones;
}

std::vector<Lexicon::Pronunciation> pronunciations_of(const GraphPackage& package,
                                                      std::int32_t word) {
  std::vector<Lexicon::Pronunciation> found;
  for (std::int32_t i = 0; i < package.pronunciations.pronunciation_count(word); ++i) {
    const std::span<const std::int32_t> labels = package.pronunciations.labels(word, i);
    found.emplace_back(labels.begin(), labels.end());
  }
  return found;
}

ModelWords::ModelWords(std::shared_ptr<const GraphPackage> package)
    : package_(std::move(package)), letter_case_(usual_case(package_->words)) {}

std::optional<std::int32_t> ModelWords::find(std::string_view word) const {
  std::optional<std::int32_t> found = package_->words.find(word);
  for (const LetterCase letter_case : {LetterCase::kUpper, LetterCase::kLower}) {
    if (!found) found = package_->words.find(fold_case(word, letter_case));
  }
  return found == 0 ? std::nullopt : found;
}

std::string ModelWords::in_model_case(std::string_view word) const {
  return fold_case(word, letter_case_);
}

std::string ModelWords::unknown_word() const {
  for (const std::string_view name : {kUnknownGrammarWord, kUnknownWord}) {
    const std::optional<std::int32_t> word = find(name);
    if (word && package_->pronunciations.pronunciation_count(*word) > 0) {
      return package_->words.name(*word);
    }
  }
  throw std::invalid_argument("the model's graph has no word \"" +
                              std::string(kUnknownGrammarWord) + "\" for unknown ones");
}

SpokenWord ModelWords::look_up(const std::string& word) const {
  SpokenWord spoken{.name = in_model_case(word)};
  if (const std::optional<std::int32_t> number = find(word)) {
    spoken = {.name = package_->words.name(*number),
              .pronunciations = pronunciations_of(*package_, *number)};
    if (!spoken.pronunciations.empty()) return spoken;
  }
  if (spells_words(*package_)) {
    const Lexicon lexicon =
        spell_in_tokens(std::vector<std::string>{spoken.name}, label_names(*package_));
    const auto spellings = lexicon.pronunciations(spoken.name);
    spoken.pronunciations.assign(spellings.begin(), spellings.end());
  } else if (Lexicon::Pronunciation guess = pronouncer().pronounce(spoken.name); !guess.empty()) {
    spoken.pronunciations.push_back(place_phones(*package_, std::move(guess)));
  }
  if (spoken.pronunciations.empty()) {
    throw std::invalid_argument("the word \"" + word +
                                "\" is not the model's, and how it sounds cannot be guessed");
  }
  return spoken;
}

const Pronouncer& ModelWords::pronouncer() const {
  std::call_once(once_, [&] { pronouncer_ = std::make_unique<Pronouncer>(learn(*package_)); });
  return *pronouncer_;
}

}  // namespace harpy

#include "service/recognizer/session_words.hpp"

#include <optional>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace harpy {

SessionWords::SessionWords(const ModelWords& words, const ModelWords& model,
                           const SteeringRequest& request)
    : words_(words), model_(model) {
  for (const NewWord& word : request.new_words) add(word);
}

void SessionWords::add(const NewWord& word) {
  if (word.text.empty() || word.text.find_first_of(" \t\r\n") != std::string::npos) {
    throw std::invalid_argument("\"" + word.text + "\": expected one word");
  }
  const std::optional<std::int32_t> known = words_.find(word.text);
  if (word.phones.empty()) {
    if (!known) number(word.text, true);
    return;
  }
  SpokenWord spoken{.name = model_.in_model_case(word.text),
                    .pronunciations = {read_phones(word, model_.package())}};
  if (known) {
    spoken.name = words_.package().words.name(*known);
    SpokenWord& place = added_.try_emplace(*known, SpokenWord{.name = spoken.name}).first->second;
    place.pronunciations.push_back(std::move(spoken.pronunciations[0]));
  } else if (const auto added = numbers_.find(spoken.name); added != numbers_.end()) {
    added_[added->second].pronunciations.push_back(std::move(spoken.pronunciations[0]));
  } else {
    add_spoken(std::move(spoken));
  }
}

std::int32_t SessionWords::add_spoken(SpokenWord spoken) {
  const auto number =
      static_cast<std::int32_t>(words_.package().words.size() + static_cast<int>(numbers_.size()));
  numbers_[spoken.name] = number;
  added_[number] = std::move(spoken);
  return number;
}

std::int32_t SessionWords::number(const std::string& word, bool grows) {
  if (const std::optional<std::int32_t> known = words_.find(word)) return *known;
  const auto added = numbers_.find(model_.in_model_case(word));
  if (added != numbers_.end()) return added->second;
  if (!grows) throw std::invalid_argument("the word \"" + word + "\" is not in the grammar");
  return add_spoken(model_.look_up(word));
}

Lexicon::Pronunciation read_phones(const NewWord& word, const GraphPackage& package) {
  const SymbolTable& labels = package.labels;
  const std::int32_t label_count = package.frame_labels.contexts.label_count(labels.size());
  Lexicon::Pronunciation phones;
  std::istringstream names(word.phones);
  for (std::string name; names >> name;) {
    std::optional<std::int32_t> label = find_phone(package, name);
    // Dictionaries mark stress with a digit, which models may not have.
    if (!label && name.back() >= '0' && name.back() <= '2') {
      label = find_phone(package, name.substr(0, name.size() - 1));
    }
    if (!label || *label == kBlankLabel || *label >= label_count) {
      throw std::invalid_argument("\"" + word.text + "\": the model has no phone \"" + name + "\"");
    }
    phones.push_back(*label);
  }
  if (phones.empty()) throw std::invalid_argument("\"" + word.text + "\": no phones");
  return place_phones(package, std::move(phones));
}

}  // namespace harpy

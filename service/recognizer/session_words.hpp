#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "service/recognizer/model_words.hpp"
#include "service/recognizer/steering_request.hpp"

namespace harpy {

/// The words of one session: those of a package, and new ones. Threads: one at a time.
class SessionWords {
 public:
  /// `words` are those of the session's graph, `model` those of the model, which pronounces.
  /// Errors: std::invalid_argument naming a new word whose phones are not the model's or that
  /// cannot be pronounced.
  SessionWords(const ModelWords& words, const ModelWords& model, const SteeringRequest& request);

  /// The number of a word; one that is not there is added if `grows`.
  /// Errors: std::invalid_argument naming a word that is not there or cannot be pronounced.
  std::int32_t number(const std::string& word, bool grows);

  /// What was added, by number: behind the package's words, and further pronunciations of those.
  std::map<std::int32_t, SpokenWord> take_added() { return std::move(added_); }

 private:
  void add(const NewWord& word);
  std::int32_t add_spoken(SpokenWord spoken);

  const ModelWords& words_;
  const ModelWords& model_;
  std::map<std::int32_t, SpokenWord> added_;
  std::map<std::string, std::int32_t> numbers_;  ///< of the added ones that the package lacks
};

/// The phones of a new word as labels of a model. Errors: std::invalid_argument naming one that it
/// lacks.
Lexicon::Pronunciation read_phones(const NewWord& word, const GraphPackage& package);

}  // namespace harpy

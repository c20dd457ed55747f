#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/grammar/grammar_compiler.hpp"
#include "decoder/graph/graph_file.hpp"
#include "decoder/pronunciation/pronouncer.hpp"

namespace harpy {

/// The pronunciations of a word of a package.
std::vector<Lexicon::Pronunciation> pronunciations_of(const GraphPackage& package,
                                                      std::int32_t word);

/// The label that a user calls by this name: one of that name, or the phone with the mark of its
/// place in words that Kaldi's models give it, such as AH_I for AH.
std::optional<std::int32_t> find_phone(const GraphPackage& package, const std::string& name);

/// Phones with the marks of the places where they stand in a word, HH_B AH_I L_I OW_E or AY_S,
/// where the model has phones of these names.
Lexicon::Pronunciation place_phones(const GraphPackage& package, Lexicon::Pronunciation phones);

/// The words of a model and how words sound that it lacks. Threads: any.
class ModelWords {
 public:
  explicit ModelWords(std::shared_ptr<const GraphPackage> package);

  const GraphPackage& package() const { return *package_; }
  const std::shared_ptr<const GraphPackage>& shared_package() const { return package_; }

  /// The number of a word as the model writes it: as it stands, in capitals or in small letters.
  std::optional<std::int32_t> find(std::string_view word) const;

  /// A word, and its pronunciations: the model's own; else its spellings, where the model spells
  /// its words in letters or pieces; else the one that Pronouncer guesses. The first guess takes a
  /// second or so, since the guesser learns from the model's words.
  /// Errors: std::invalid_argument naming a word with characters that no word of the model has.
  SpokenWord look_up(const std::string& word) const;

  /// The model's own word for all others: "[unk]" or "<unk>", in capitals or not.
  /// Errors: std::invalid_argument if it has none.
  std::string unknown_word() const;

  /// The word in the case that the model's words have.
  std::string in_model_case(std::string_view word) const;

 private:
  const Pronouncer& pronouncer() const;

  std::shared_ptr<const GraphPackage> package_;
  LetterCase letter_case_ = LetterCase::kKeep;  ///< of the model's words
  mutable std::once_flag once_;
  mutable std::unique_ptr<const Pronouncer> pronouncer_;
};

}  // namespace harpy

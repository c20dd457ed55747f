#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "decoder/graph/symbol_table.hpp"

namespace harpy {

/// What happens to the letters of words that are read; only ASCII letters change.
enum class LetterCase { kKeep, kUpper, kLower };

/// Changes the case of a word's ASCII letters.
std::string fold_case(std::string_view word, LetterCase letter_case);

struct LexiconOptions {
  /// Case of the words; choose what the transcripts and the language model have.
  LetterCase letter_case = LetterCase::kUpper;
  /// The phones in the order of their labels. Empty: those found in the file, sorted.
  std::vector<std::string> phones = {};
};

/// The label of blank, and its name.
inline constexpr std::int32_t kBlankLabel = 0;
inline constexpr std::string_view kBlankName = "<blank>";

/// Words and their pronunciations as labels: 0 is blank, 1 .. P are the phones. Labels are the
/// outputs of the acoustic model (pdf = label).
///
/// Threads: const access from any thread.
class Lexicon {
 public:
  using Pronunciation = std::vector<std::int32_t>;

  /// Reads CMUdict's format: lines `word PHONE PHONE ...`, further pronunciations as `word(2)` or
  /// as the word again, comments after `;;;` at the begin of a line or after a field `#`. A
  /// repeated pronunciation is dropped. Phones keep their case.
  ///
  /// Kaldi's lexiconp.txt is read too: if in every line the second field is a number that is not
  /// one of options.phones, it is the probability of the pronunciation, greater than 0 and at most
  /// 1. Other numbers are phones only if options.phones has them.
  ///
  /// Errors: std::runtime_error naming file and line (a word without phones, a phone that
  /// options.phones lacks, a number that is no phone, a probability out of range, a no-break space
  /// or the like, and as TextLines); std::invalid_argument for bad options.
  static Lexicon read(const std::filesystem::path& path, const LexiconOptions& options = {});

  /// The lexicon that spells each word with its characters (UTF-8), for languages without a
  /// dictionary. The characters are the phones.
  /// Errors: std::invalid_argument naming a word that is not UTF-8 or has a character that
  /// options.phones lacks.
  static Lexicon spell(std::span<const std::string> words, const LexiconOptions& options = {});

  /// The pronunciations of a word, the most probable first, equally probable ones in the order of
  /// the file; none if the word is unknown. The word must be in the lexicon's case.
  std::span<const Pronunciation> pronunciations(std::string_view word) const;
  /// What each of them costs: -ln of its probability, 0 where the file has no probabilities.
  std::span<const float> pronunciation_costs(std::string_view word) const;

  /// Adds a pronunciation of a word; one that it has already is dropped.
  /// Errors: std::invalid_argument for a pronunciation that is empty or has a label out of range, a
  /// word that is empty or contains white space.
  void add_pronunciation(std::string_view word, Pronunciation pronunciation);
  /// Adds all words and pronunciations of another lexicon; a pronunciation that a word has already
  /// is dropped. Phones found in the files are sorted anew, so labels may change.
  /// Errors: std::invalid_argument if this lexicon's phones were given and lack one of the other's.
  void add_words(const Lexicon& other);

  /// Names of the labels, "<blank>" first.
  const SymbolTable& labels() const { return labels_; }
  /// The words, in the order in which they were met.
  const std::vector<std::string>& words() const { return words_.names(); }

 private:
  explicit Lexicon(const LexiconOptions& options);

  /// The pronunciations of a word and what they cost, in the same order.
  struct Variants {
    std::vector<Pronunciation> pronunciations;
    std::vector<float> costs;
  };

  std::int32_t label(std::string_view phone);
  const Variants* find(std::string_view word) const;
  void add(std::string_view word, Pronunciation pronunciation, float cost = 0.0F);
  void sort_phones();

  bool phones_are_fixed_ = false;
  SymbolTable labels_;
  SymbolTable words_;
  std::vector<Variants> variants_;  ///< one a word
};

}  // namespace harpy

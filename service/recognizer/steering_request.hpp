#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace harpy {

/// Longest phrase that a user may ask for.
inline constexpr std::size_t kMostPhraseBytes = 1000;

/// A phrase that should be recognised more readily.
struct HotPhrase {
  std::string text;
  /// In nats, -20 to 20; spread over the words. Larger: found more often, also where it was not
  /// said; below 0: less often than without it.
  double boost = 4.0;
  /// Whether it comes from a text that was not written as a list of hot phrases: words that the
  /// model cannot take are passed over and are no error.
  bool is_hint = false;

  bool operator==(const HotPhrase&) const = default;
};

/// A word that the model lacks, or another way to say one that it has.
struct NewWord {
  std::string text;
  std::string phones = {};  ///< the model's, with blanks between; empty: guessed from the spelling

  bool operator==(const NewWord&) const = default;
};

/// What a user asks for to steer the recognition of one session (docs/steering.md). By default
/// nothing: the model's own words and language model.
struct SteeringRequest {
  /// A closed grammar in place of the model's language model: phrases that may be said, see
  /// make_phrase_grammar. Words are written in any case.
  std::vector<std::string> phrase_list = {};
  /// Likewise, as a grammar in the JSpeech Grammar Format, see read_jsgf; not beside a phrase_list.
  std::string grammar = {};
  /// What each phone of the grammar's word "[unk]" costs, in nats; 0 to 20. Larger: fewer words are
  /// rejected.
  double unknown_phone_cost = 2.0;

  /// Phrases that are boosted, of the model's words, new ones, or the grammar's.
  std::vector<HotPhrase> hot_phrases = {};

  /// Words beside the model's. Those of hot phrases and grammars that the model lacks need not be
  /// here unless their phones are given.
  std::vector<NewWord> new_words = {};
  /// What a new word costs beside the model's language model, which knows only that some word comes
  /// that it has not seen there; nats, 0 to 20. Larger: found less often, also where it was not
  /// said.
  double new_word_cost = 9.0;

  bool has_grammar() const { return !phrase_list.empty() || !grammar.empty(); }
  bool operator==(const SteeringRequest&) const = default;
};

/// Looks at what costs no time to look at: counts, lengths and numbers.
/// Errors: std::invalid_argument naming the field and what is wrong with it.
void check_steering_request(const SteeringRequest& request);

}  // namespace harpy

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "decoder/graph/compiler/lookahead_composition.hpp"
#include "decoder/graph/pronunciation_table.hpp"
#include "decoder/graph/symbol_table.hpp"

namespace harpy {

/// Fillers are sounds between words, and at both ends of a sentence, of which the language model
/// knows nothing: silence and noises. At each of these places at most one filler is heard.
///
/// Networks of letters may put out a separator between words instead: once or several times between
/// any two words, and perhaps at both ends, at no cost.
struct FillerOptions {
  /// The label of silence, which puts out no word and is in no pronunciation. Empty: no silence.
  std::string silence = {};
  /// How probable silence is at each place. Larger: pauses cost less, words run together more.
  double silence_probability = 0.5;
  /// Words of the lexicon for noises (coughs, laughter), which are put out; none of them may be a
  /// word of the language model.
  std::vector<std::string> noise_words = {};
  /// How probable it is at each place that one of the noise words is heard. Larger: more of them.
  double noise_probability = 0.05;
  /// The label that separates words and is in no pronunciation. Empty: nothing does. There is no
  /// silence or noise beside it.
  std::string separator = {};
};

/// One filler.
struct Filler {
  std::vector<std::int32_t> labels;
  std::int32_t output = 0;  ///< the noise word, 0 for silence
  float cost = 0.0F;
};

/// All fillers of a graph; it may have none.
struct Fillers {
  std::vector<Filler> list;    ///< noise words have one for each pronunciation
  float none_cost = 0.0F;      ///< cost of going on without a filler
  std::int32_t separator = 0;  ///< the label between words; 0: none
};

/// Looks the names of the options up. Errors: std::invalid_argument for a silence or separator that
/// is no label or is in a pronunciation, both at once, a noise word that is not in `words`,
/// probabilities that are not above 0 or leave nothing.
Fillers find_fillers(const FillerOptions& options, const SymbolTable& labels,
                     const SymbolTable& words, const PronunciationTable& pronunciations);

/// Lets fillers be heard at the start of every sentence and after every word: each word boundary
/// that words lead to, or the start, gets a state before it, from which an epsilon arc or a filler
/// leads on. Back-off arcs do not pass it, so that no two fillers follow one another. From the
/// state before a boundary only the separator leads on, if there is one, but a sentence may end
/// there.
void add_fillers(LexiconGrammar& graph, const Fillers& fillers);

}  // namespace harpy

#pragma once

#include <array>
#include <string>
#include <vector>

#include "decoder/language_model/ngram_model.hpp"
#include "decoder/written/marked_text.hpp"

namespace harpy {

/// A word and what is known of the place behind it.
struct EventSlot {
  std::string word;  ///< as model_word calls it
  /// Added to the logarithm of each mark's probability there, in nats.
  std::array<float, kMarkCount> scores{};
  bool is_open = true;     ///< whether the mark is to be found
  bool has_comma = false;  ///< if not: whether it is a comma, or none
};

/// The likeliest marks behind words by an n-gram model in which marks are words between others and
/// a place without a mark is nothing. A question begins with kQuestionStart and alone ends with a
/// question mark; a last sentence without an end may be either. Text and marks go from <s> to </s>.
/// What tells of a question at its beginning and at its end counts, how rare questions are but
/// once: the probability of . and ? at an end is divided by their frequencies among the two.
///
/// Viterbi's algorithm over the marks of the last words, exact: its state is what the model sees of
/// the history, and whether the sentence is a question. Cost: words times marks times histories,
/// which are few. Errors: std::invalid_argument if the model has no word for a mark or no <unk>.
/// Source: A. Stolcke, E. Shriberg, Automatic linguistic segmentation of conversational speech,
/// ICSLP 1996.
std::vector<Mark> likeliest_marks(const NgramModel& model, const std::vector<EventSlot>& slots);

}  // namespace harpy

#pragma once

#include <span>
#include <vector>

#include "decoder/written/written_form.hpp"
#include "service/recognizer/session_event.hpp"

namespace harpy {

/// The written form of recognised words, each written word with the time of the words that it
/// stands for.
std::vector<RecognizedWord> written_words(const WrittenForm& form,
                                          std::span<const RecognizedWord> words);

}  // namespace harpy

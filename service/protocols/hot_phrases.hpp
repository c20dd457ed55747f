#pragma once

#include <string_view>
#include <vector>

#include "service/recognizer/steering_request.hpp"

namespace harpy {

/// The phrases of a prompt as other recognisers take it: names and words that are likely to be
/// said, in a text of any form. Line breaks, commas, semicolons and full stops separate phrases;
/// those that are too long are left out, and words that the model cannot take will be passed over.
std::vector<HotPhrase> hot_phrases_in(std::string_view prompt);

}  // namespace harpy

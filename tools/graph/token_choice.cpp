#include "tools/graph/token_choice.hpp"

#include <map>
#include <stdexcept>

namespace harpy::tools {

namespace {

LetterCase parse_letter_case(const std::string& text) {
  static const std::map<std::string, LetterCase> kLetterCases{
      {"keep", LetterCase::kKeep}, {"lower", LetterCase::kLower}, {"upper", LetterCase::kUpper}};
  const auto found = kLetterCases.find(text);
  if (found == kLetterCases.end()) {
    throw std::invalid_argument("case: expected keep, lower or upper, got " + text);
  }
  return found->second;
}

}  // namespace

BlankColumn TokenOptions::blank_column() const {
  return BlankColumn::parse(blank.value_or(topology == "ctc" ? "0" : "none"));
}

void TokenOptions::apply(GraphSources& sources) const {
  sources.blank = blank_column();
  sources.topology = parse_topology(topology);
  sources.letter_case =
      parse_letter_case(letter_case.value_or(sources.tokens.empty() ? "upper" : "keep"));
}

}  // namespace harpy::tools

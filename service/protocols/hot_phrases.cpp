#include "service/protocols/hot_phrases.hpp"

#include <string>

namespace harpy {

namespace {

constexpr std::string_view kPhraseEnds = ",;.\r\n";
constexpr std::string_view kPhraseBlanks = " \t";

}  // namespace

std::vector<HotPhrase> hot_phrases_in(std::string_view prompt) {
  std::vector<HotPhrase> phrases;
  while (!prompt.empty()) {
    const std::size_t end = prompt.find_first_of(kPhraseEnds);
    std::string_view phrase = prompt.substr(0, end);
    prompt = end == std::string_view::npos ? std::string_view() : prompt.substr(end + 1);
    const std::size_t begin = phrase.find_first_not_of(kPhraseBlanks);
    if (begin == std::string_view::npos) continue;
    phrase = phrase.substr(begin, phrase.find_last_not_of(kPhraseBlanks) + 1 - begin);
    if (phrase.size() > kMostPhraseBytes) continue;
    phrases.push_back({.text = std::string(phrase), .is_hint = true});
  }
  return phrases;
}

}  // namespace harpy

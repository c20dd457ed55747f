#include "decoder/graph/token_spelling.hpp"

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "decoder/graph/token_list.hpp"

namespace harpy {

namespace {

/// Finds the spellings of words.
class Speller {
 public:
  Speller(const std::vector<std::string>& tokens, const SpellingOptions& options)
      : mark_(marks_words(tokens) ? kWordMark : std::string_view()), most_(options.most_spellings) {
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      labels_.emplace(tokens[i], static_cast<std::int32_t>(i + 1));
      longest_ = std::max(longest_, tokens[i].size());
    }
  }

  std::vector<Lexicon::Pronunciation> spell(const std::string& word) const {
    const std::string text = std::string(mark_) + word;
    std::vector<std::vector<Spelling>> of_begins(text.size() + 1);  // of the first bytes
    of_begins[0].emplace_back();
    for (std::size_t end = 1; end <= text.size(); ++end) {
      std::vector<Spelling>& spellings = of_begins[end];
      for (std::size_t begin = end - std::min(end, longest_); begin < end; ++begin) {
        if (of_begins[begin].empty()) continue;
        const auto token = labels_.find(std::string_view(text).substr(begin, end - begin));
        if (token == labels_.end()) continue;
        for (const Spelling& before : of_begins[begin]) {
          spellings.push_back(before);
          spellings.back().ends.push_back(end);
          spellings.back().labels.push_back(token->second);
        }
      }
      std::sort(spellings.begin(), spellings.end());
      if (spellings.size() > most_)
        spellings.erase(spellings.begin() + static_cast<std::ptrdiff_t>(most_), spellings.end());
    }
    std::vector<Lexicon::Pronunciation> found;
    for (Spelling& spelling : of_begins.back()) found.push_back(std::move(spelling.labels));
    return found;
  }

 private:
  struct Spelling {
    std::vector<std::size_t> ends;  ///< of its tokens
    Lexicon::Pronunciation labels;

    /// Fewer tokens first, then those whose first tokens are longer.
    bool operator<(const Spelling& other) const {
      if (ends.size() != other.ends.size()) return ends.size() < other.ends.size();
      return ends > other.ends;
    }
  };

  const std::string_view mark_;
  const std::size_t most_;
  std::unordered_map<std::string_view, std::int32_t> labels_;
  std::size_t longest_ = 1;
};

}  // namespace

Lexicon spell_in_tokens(std::span<const std::string> words, const std::vector<std::string>& tokens,
                        const SpellingOptions& options) {
  const Speller speller(tokens, options);
  Lexicon lexicon = Lexicon::spell({}, {.letter_case = LetterCase::kKeep, .phones = tokens});
  for (const std::string& word : words) {
    for (Lexicon::Pronunciation& spelling : speller.spell(word)) {
      lexicon.add_pronunciation(word, std::move(spelling));
    }
  }
  return lexicon;
}

}  // namespace harpy

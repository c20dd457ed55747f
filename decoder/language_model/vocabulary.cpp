#include "decoder/language_model/vocabulary.hpp"

#include <algorithm>
#include <unordered_set>

namespace harpy {

namespace {

bool is_unknown_marker(std::string_view word) { return word == kUnknownWord || word == "<UNK>"; }

bool is_marker(std::string_view word) {
  return word == kSentenceStartWord || word == kSentenceEndWord || is_unknown_marker(word);
}

struct Candidate {
  std::string_view word;
  std::uint64_t count;
};

std::vector<Candidate> candidates(const Vocabulary& words, const std::vector<std::uint64_t>& counts,
                                  const VocabularyOptions& options) {
  std::vector<Candidate> found;
  const auto add = [&](std::string_view word, std::uint64_t count) {
    if (!is_marker(word) && count >= options.min_count) found.push_back({word, count});
  };
  if (options.allowed) {
    std::unordered_set<std::string_view> met;
    for (const std::string& word : *options.allowed) {
      const WordId id = words.find(word);
      if (met.insert(word).second) add(word, id == kNoWord ? 0 : counts[id]);
    }
  } else {
    for (WordId id = 0; id < words.size(); ++id) add(words.word(id), counts[id]);
  }
  return found;
}

}  // namespace

WordId Vocabulary::add(std::string_view word) {
  const auto found = ids_.find(word);
  if (found != ids_.end()) return found->second;
  const auto id = static_cast<WordId>(words_.size());
  words_.emplace_back(word);
  ids_.emplace(word, id);
  if (word == kSentenceStartWord) sentence_start_ = id;
  if (word == kSentenceEndWord) sentence_end_ = id;
  if (is_unknown_marker(word)) unknown_ = id;
  return id;
}

WordId Vocabulary::find(std::string_view word) const {
  const auto found = ids_.find(word);
  return found == ids_.end() ? kNoWord : found->second;
}

WordId Vocabulary::find_or_unknown(std::string_view word) const {
  const WordId id = find(word);
  return id == kNoWord ? unknown_ : id;
}

Vocabulary select_vocabulary(const Vocabulary& words, const std::vector<std::uint64_t>& counts,
                             const VocabularyOptions& options) {
  std::vector<Candidate> chosen = candidates(words, counts, options);
  if (options.max_words > 0 && chosen.size() > options.max_words) {
    std::sort(chosen.begin(), chosen.end(), [](const Candidate& a, const Candidate& b) {
      return a.count != b.count ? a.count > b.count : a.word < b.word;
    });
    chosen.resize(options.max_words);
  }
  std::sort(chosen.begin(), chosen.end(),
            [](const Candidate& a, const Candidate& b) { return a.word < b.word; });
  Vocabulary selected;
  selected.add(kSentenceStartWord);
  selected.add(kSentenceEndWord);
  if (options.has_unknown) selected.add(kUnknownWord);
  for (const Candidate& candidate : chosen) selected.add(candidate.word);
  return selected;
}

}  // namespace harpy

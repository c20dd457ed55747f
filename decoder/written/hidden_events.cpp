#include "decoder/written/hidden_events.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

namespace harpy {

namespace {

using History = std::vector<WordId>;

/// The best way to a history: its score, and where it came from.
struct Reached {
  float score = -std::numeric_limits<float>::infinity();
  std::int32_t back = -1;  ///< index in the trace
};

/// A mark on a way, and the one before it.
struct Decision {
  std::int32_t before = -1;
  Mark mark = Mark::kNone;
};

std::array<WordId, kMarkCount> mark_words(const Vocabulary& vocabulary) {
  std::array<WordId, kMarkCount> words{};
  for (std::size_t mark = 1; mark < kMarkCount; ++mark) {
    words[mark] = vocabulary.find(kMarkTexts[mark]);
    if (words[mark] == kNoWord) {
      throw std::invalid_argument("the model of marks lacks the word \"" +
                                  std::string(kMarkTexts[mark]) + "\"");
    }
  }
  if (vocabulary.unknown() == kNoWord) {
    throw std::invalid_argument("the model of marks lacks <unk>");
  }
  return words;
}

/// Ways through a text, extended word by word.
class EventSearch {
 public:
  explicit EventSearch(const NgramModel& model)
      : model_(model), marks_(mark_words(model.vocabulary())) {
    ways_[{model.vocabulary().sentence_start()}].score = 0.0F;
  }

  void add(const EventSlot& slot) {
    const WordId word = model_.vocabulary().find_or_unknown(slot.word);
    Ways next;
    for (const auto& [history, way] : ways_) {
      History with_word = history;
      const float score = way.score + say(with_word, word);
      for (std::size_t mark = 0; mark < kMarkCount; ++mark) {
        if (slot.fixed && *slot.fixed != static_cast<Mark>(mark)) continue;
        History with_mark = with_word;
        float marked = score + slot.scores[mark];
        if (mark != 0) marked += say(with_mark, marks_[mark]);
        Reached& reached = next[std::move(with_mark)];
        if (marked <= reached.score) continue;
        reached = {marked, static_cast<std::int32_t>(trace_.size())};
        trace_.push_back({way.back, static_cast<Mark>(mark)});
      }
    }
    ways_ = std::move(next);
  }

  std::vector<Mark> best_marks(std::size_t count) {
    Reached best;
    for (const auto& [history, way] : ways_) {
      History last = history;
      const float score = way.score + say(last, model_.vocabulary().sentence_end());
      if (score > best.score) best = {score, way.back};
    }
    std::vector<Mark> marks(count);
    for (std::int32_t at = best.back; at >= 0; at = trace_[static_cast<std::size_t>(at)].before) {
      marks[--count] = trace_[static_cast<std::size_t>(at)].mark;
    }
    return marks;
  }

 private:
  using Ways = std::map<History, Reached>;

  /// Appends a word to a history; returns the logarithm of its probability.
  float say(History& history, WordId word) const {
    const float score = model_.log_probability(history, word);
    history.push_back(word);
    const auto kept = static_cast<std::size_t>(model_.order() - 1);
    if (history.size() > kept) history.erase(history.begin(), history.end() - kept);
    return score;
  }

  const NgramModel& model_;
  const std::array<WordId, kMarkCount> marks_;
  Ways ways_;  ///< by what the model sees of what was said
  std::vector<Decision> trace_;
};

}  // namespace

std::vector<Mark> likeliest_marks(const NgramModel& model, const std::vector<EventSlot>& slots) {
  EventSearch search(model);
  for (const EventSlot& slot : slots) search.add(slot);
  return search.best_marks(slots.size());
}

}  // namespace harpy

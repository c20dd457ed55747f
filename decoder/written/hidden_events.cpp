#include "decoder/written/hidden_events.hpp"

#include <cmath>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace harpy {

namespace {

/// What the rest of a text depends on.
struct State {
  std::vector<WordId> history;  ///< the last words, as many as the model sees
  bool is_question = false;     ///< what the running sentence is

  auto operator<=>(const State&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// The best way to a state: its score, and where it came from.
struct Way {
  float score = -std::numeric_limits<float>::infinity();
  std::int32_t back = -1;  ///< index in the trace
};

/// A mark on a way, and the one before it.
struct Decision {
  std::int32_t before = -1;
  Mark mark = Mark::kNone;
};

/// Ways through a text, extended word by word.
class EventSearch {
 public:
  explicit EventSearch(const NgramModel& model)
      : model_(model), question_start_(find(kQuestionStart)) {
    for (std::size_t mark = 1; mark < kMarkCount; ++mark) marks_[mark] = find(kMarkTexts[mark]);
    weigh_ends();
    if (model.vocabulary().unknown() == kNoWord) {
      throw std::invalid_argument("the model of marks lacks <unk>");
    }
    begin_sentence({.history = {model.vocabulary().sentence_start()}}, {.score = 0.0F}, ways_);
  }

  void add(const EventSlot& slot) {
    const WordId word = model_.vocabulary().find_or_unknown(slot.word);
    Ways next;
    for (const auto& [before, way_before] : ways_) {
      State state = before;
      Way way = way_before;
      way.score += say(word, state);
      const Mark end = state.is_question ? Mark::kQuestionMark : Mark::kFullStop;
      for (const Mark mark : {Mark::kNone, Mark::kComma, end}) {
        if (!slot.is_open && mark != (slot.has_comma ? Mark::kComma : Mark::kNone)) continue;
        State marked = state;
        Way with_mark = way;
        with_mark.score += slot.scores[static_cast<std::size_t>(mark)];
        if (mark != Mark::kNone) {
          with_mark.score += say(marks_[static_cast<std::size_t>(mark)], marked) +
                             end_scores_[static_cast<std::size_t>(mark)];
        }
        with_mark.back = static_cast<std::int32_t>(trace_.size());
        trace_.push_back({way.back, mark});
        if (ends_sentence(mark)) {
          begin_sentence(std::move(marked), with_mark, next);
        } else {
          reach(std::move(marked), with_mark, next);
        }
      }
    }
    ways_ = std::move(next);
  }

  std::vector<Mark> best_marks(std::size_t count) const {
    Way best;
    for (const auto& [last, way] : ways_) {
      State state = last;
      const float score = way.score + say(model_.vocabulary().sentence_end(), state);
      if (score > best.score) best = {score, way.back};
    }
    std::vector<Mark> marks(count);
    for (std::int32_t at = best.back; at >= 0; at = trace_[static_cast<std::size_t>(at)].before) {
      marks[--count] = trace_[static_cast<std::size_t>(at)].mark;
    }
    return marks;
  }

 private:
  using Ways = std::map<State, Way>;

  WordId find(std::string_view mark) const {
    const WordId word = model_.vocabulary().find(mark);
    if (word == kNoWord) {
      throw std::invalid_argument("the model of marks lacks the word \"" + std::string(mark) +
                                  "\"");
    }
    return word;
  }

  /// Appends a word to what was said; returns the logarithm of its probability.
  float say(WordId word, State& state) const {
    std::vector<WordId>& history = state.history;
    const float score = model_.log_probability(history, word);
    history.push_back(word);
    const auto kept = static_cast<std::size_t>(model_.order() - 1);
    if (history.size() > kept) {
      history.erase(history.begin(),
                    history.begin() + static_cast<std::ptrdiff_t>(history.size() - kept));
    }
    return score;
  }

  static void reach(State state, const Way& way, Ways& ways) {
    Way& best = ways[std::move(state)];
    if (way.score > best.score) best = way;
  }

  /// The next sentence may be a question or not.
  void begin_sentence(State state, const Way& way, Ways& ways) const {
    state.is_question = false;
    reach(state, way, ways);
    state.is_question = true;
    Way question = way;
    question.score += say(question_start_, state);
    reach(std::move(state), question, ways);
  }

  /// How rare a kind of sentence is has been paid for at its beginning, so that its end is divided
  /// by it.
  void weigh_ends() {
    const auto frequency = [&](Mark mark) {
      return model_.log_probability({}, marks_[static_cast<std::size_t>(mark)]);
    };
    const float full_stop = frequency(Mark::kFullStop);
    const float question = frequency(Mark::kQuestionMark);
    const float either = std::log(std::exp(full_stop) + std::exp(question));
    end_scores_[static_cast<std::size_t>(Mark::kFullStop)] = either - full_stop;
    end_scores_[static_cast<std::size_t>(Mark::kQuestionMark)] = either - question;
  }

  const NgramModel& model_;
  const WordId question_start_;
  std::array<WordId, kMarkCount> marks_{};
  std::array<float, kMarkCount> end_scores_{};
  Ways ways_;
  std::vector<Decision> trace_;
};

}  // namespace

std::vector<Mark> likeliest_marks(const NgramModel& model, const std::vector<EventSlot>& slots) {
  EventSearch search(model);
  for (const EventSlot& slot : slots) search.add(slot);
  return search.best_marks(slots.size());
}

}  // namespace harpy

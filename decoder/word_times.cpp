#include "decoder/word_times.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace harpy {

namespace {

/// Frames of one label. Where a label may follow itself unseen, each frame is a run.
struct LabelRun {
  std::int32_t label = 0;
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;
  bool may_continue = false;  ///< whether it may belong to the label of the run before
};

class LabelRuns {
 public:
  explicit LabelRuns(const FrameLabels& frame_labels) : frame_labels_(frame_labels) {}

  std::vector<LabelRun> find(std::span<const PathStep> steps) {
    for (const PathStep& step : steps) {
      if (step.input != 0) add(step);
    }
    return std::move(runs_);
  }

 private:
  void add(const PathStep& step) {
    const std::int32_t label = frame_labels_.label(step.input);
    if (label == 0) return;
    const std::int32_t state = frame_labels_.state(step.input);
    const bool same = !runs_.empty() && runs_.back().label == label &&
                      runs_.back().end_frame == step.frame && state >= last_state_;
    last_state_ = state;
    if (same && frame_labels_.topology != Topology::kOneState) {
      ++runs_.back().end_frame;
    } else {
      runs_.push_back({label, step.frame, step.frame + 1, same});
    }
  }

  const FrameLabels& frame_labels_;
  std::int32_t last_state_ = 0;
  std::vector<LabelRun> runs_;
};

/// Matches words with stretches of the label runs.
class WordMatcher {
 public:
  WordMatcher(std::vector<TimedWord> words, std::span<const LabelRun> runs,
              const PronunciationTable& pronunciations)
      : words_(std::move(words)),
        runs_(runs),
        pronunciations_(pronunciations),
        row_size_(runs.size() + 1),
        begin_of_((words_.size() + 1) * row_size_, kUnreached),
        run_begins_(words_.size()),
        run_ends_(words_.size()) {}

  /// Finds the times of the words, as far as they match.
  void match() {
    begin_of_[0] = 0;
    std::size_t reached = 0;  // words matched by some way of reading the labels
    for (std::size_t index = 0; index < words_.size(); ++index) {
      bool any = false;
      for (std::size_t begin = 0; begin < row_size_; ++begin) {
        if (begin_of_[index * row_size_ + begin] != kUnreached) any |= extend(index, begin);
      }
      if (!any) break;
      reached = index + 1;
    }
    trace_back(reached);
  }

  std::vector<TimedWord> take_words() { return std::move(words_); }

  /// The labels of a word that was matched.
  std::vector<TimedLabel> labels_of(std::size_t index) const {
    std::vector<TimedLabel> labels;
    for (std::size_t i = run_begins_[index]; i < run_ends_[index]; ++i) {
      const LabelRun& run = runs_[i];
      if (run.may_continue && !labels.empty()) {
        labels.back().end_frame = run.end_frame;
      } else {
        labels.push_back({run.label, run.begin_frame, run.end_frame});
      }
    }
    return labels;
  }

 private:
  static constexpr std::uint32_t kUnreached = std::numeric_limits<std::uint32_t>::max();

  /// Marks where word `index` may end if its labels begin at run `begin`.
  bool extend(std::size_t index, std::size_t begin) {
    const std::int32_t word = words_[index].word;
    if (word >= pronunciations_.word_count()) return false;
    const bool last_word = index + 1 == words_.size();
    bool any = pronunciations_.pronunciation_count(word) == 0;
    for (std::size_t place = any ? begin : row_size_; place < row_size_; ++place) {
      mark_end(index, begin, place);
    }
    for (std::int32_t variant = 0; variant < pronunciations_.pronunciation_count(word); ++variant) {
      const std::optional<std::size_t> end =
          match(pronunciations_.labels(word, variant), begin, last_word);
      if (!end) continue;
      any = true;
      for (std::size_t place = *end;; ++place) {  // there, or after all of the last label's frames
        mark_end(index, begin, place);
        if (place == runs_.size() || place == begin || !runs_[place].may_continue) break;
      }
    }
    return any;
  }

  /// Notes that word `index` may end at a run if its labels begin at run `begin`.
  void mark_end(std::size_t index, std::size_t begin, std::size_t end) {
    std::uint32_t& entry = begin_of_[(index + 1) * row_size_ + end];
    if (entry == kUnreached) entry = static_cast<std::uint32_t>(begin);
  }

  /// The first place where labels can end that begin at run `begin`; `in_part`: the runs may end
  /// before the labels do.
  std::optional<std::size_t> match(std::span<const std::int32_t> labels, std::size_t begin,
                                   bool in_part) const {
    std::size_t place = begin;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      const bool repeated = i > 0 && labels[i] == labels[i - 1];
      if (i > 0 && !repeated) place = skip_continuations(place);
      if (place == runs_.size()) return in_part ? std::optional(place) : std::nullopt;
      if (runs_[place].label != labels[i]) return std::nullopt;
      ++place;
    }
    return place;
  }

  std::size_t skip_continuations(std::size_t place) const {
    while (place < runs_.size() && runs_[place].may_continue) ++place;
    return place;
  }

  void trace_back(std::size_t reached) {
    std::size_t end = row_size_;
    for (std::size_t place = row_size_; place-- > 0 && end == row_size_;) {
      if (begin_of_[reached * row_size_ + place] != kUnreached) end = place;
    }
    for (std::size_t index = reached; index-- > 0;) {
      const std::size_t begin = begin_of_[(index + 1) * row_size_ + end];
      if (begin < end) {
        run_begins_[index] = begin;
        run_ends_[index] = end;
        words_[index].begin_frame = runs_[begin].begin_frame;
        words_[index].end_frame = runs_[end - 1].end_frame;
      }
      end = begin;
    }
  }

  std::vector<TimedWord> words_;
  std::span<const LabelRun> runs_;
  const PronunciationTable& pronunciations_;
  const std::size_t row_size_;
  /// [words + 1, runs + 1]: the run where the word before ends here begins, or kUnreached.
  std::vector<std::uint32_t> begin_of_;
  std::vector<std::size_t> run_begins_;  ///< [words], of the runs of each word that was matched
  std::vector<std::size_t> run_ends_;
};

/// Words and their labels by what the graph's inputs are listed to stand for.
class ListedWords {
 public:
  ListedWords(std::vector<TimedWord> words, std::span<const PathStep> steps,
              const FrameLabels& frame_labels)
      : words_(std::move(words)) {
    bool has_marks = false;
    for (const PathStep& step : steps) {
      if (step.input == 0) continue;
      const ListedInput& input = frame_labels.listed[static_cast<std::size_t>(step.input - 1)];
      has_marks = has_marks || input.has(ListedInput::kBeginsWord);
      add(input, step.frame);
    }
    if (has_marks) {
      take_times();
    } else {
      spread_times();
    }
  }

  std::vector<TimedWord> take_words() { return std::move(words_); }

  std::vector<std::vector<TimedLabel>> take_labels() {
    spoken_.resize(words_.size());
    return std::move(spoken_);
  }

 private:
  void add(const ListedInput& input, std::int32_t frame) {
    const bool begins_label = input.has(ListedInput::kBeginsLabel);
    if (input.label == 0) return;
    last_frame_ = frame;
    if (begins_label && input.has(ListedInput::kBeginsWord)) spoken_.emplace_back();
    if (spoken_.empty()) return;
    std::vector<TimedLabel>& labels = spoken_.back();
    if (begins_label || labels.empty()) {
      labels.push_back({input.label, frame, frame + 1});
    } else {
      labels.back().end_frame = frame + 1;
    }
  }

  void take_times() {
    for (std::size_t i = 0; i < std::min(words_.size(), spoken_.size()); ++i) {
      words_[i].begin_frame = spoken_[i].front().begin_frame;
      words_[i].end_frame = spoken_[i].back().end_frame;
    }
  }

  void spread_times() {
    spoken_.clear();
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const bool is_last = i + 1 == words_.size();
      words_[i].end_frame = std::max(words_[i].begin_frame + 1,
                                     is_last ? last_frame_ + 1 : words_[i + 1].begin_frame);
    }
  }

  std::vector<TimedWord> words_;
  std::vector<std::vector<TimedLabel>> spoken_;  ///< the labels of each word that was heard
  std::int32_t last_frame_ = 0;                  ///< of a label
};

std::vector<TimedWord> words_put_out(std::span<const PathStep> steps) {
  std::vector<TimedWord> words;
  for (const PathStep& step : steps) {
    if (step.output != 0) words.push_back({step.output, step.frame, step.frame + 1});
  }
  return words;
}

}  // namespace

std::vector<TimedWord> word_times(std::span<const PathStep> steps,
                                  const PronunciationTable& pronunciations,
                                  const FrameLabels& frame_labels) {
  if (!frame_labels.listed.empty()) {
    return ListedWords(words_put_out(steps), steps, frame_labels).take_words();
  }
  const std::vector<LabelRun> runs = LabelRuns(frame_labels).find(steps);
  WordMatcher matcher(words_put_out(steps), runs, pronunciations);
  matcher.match();
  return matcher.take_words();
}

std::vector<std::vector<TimedLabel>> label_times(std::span<const PathStep> steps,
                                                 const PronunciationTable& pronunciations,
                                                 const FrameLabels& frame_labels) {
  if (!frame_labels.listed.empty()) {
    return ListedWords(words_put_out(steps), steps, frame_labels).take_labels();
  }
  const std::vector<LabelRun> runs = LabelRuns(frame_labels).find(steps);
  const std::vector<TimedWord> words = words_put_out(steps);
  WordMatcher matcher(words, runs, pronunciations);
  matcher.match();
  std::vector<std::vector<TimedLabel>> labels;
  for (std::size_t i = 0; i < words.size(); ++i) labels.push_back(matcher.labels_of(i));
  return labels;
}

}  // namespace harpy

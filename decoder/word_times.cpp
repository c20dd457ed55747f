#include "decoder/word_times.hpp"

#include <algorithm>
#include <limits>

namespace harpy {

namespace {

constexpr std::int32_t kBlankInput = 1;  // the graph input of pdf 0

struct LabelRun {
  std::int32_t label = 0;
  std::int32_t begin_frame = 0;
  std::int32_t end_frame = 0;
};

std::vector<LabelRun> label_runs(std::span<const PathStep> steps) {
  std::vector<LabelRun> runs;
  for (const PathStep& step : steps) {
    if (step.input <= kBlankInput) continue;
    const std::int32_t label = step.input - 1;
    if (!runs.empty() && runs.back().label == label && runs.back().end_frame == step.frame) {
      ++runs.back().end_frame;
    } else {
      runs.push_back({label, step.frame, step.frame + 1});
    }
  }
  return runs;
}

/// Matches words with stretches of the label runs.
class WordMatcher {
 public:
  WordMatcher(std::vector<TimedWord> words, std::span<const LabelRun> runs,
              const PronunciationTable& pronunciations)
      : words_(std::move(words)),
        runs_(runs),
        pronunciations_(pronunciations),
        row_size_(runs.size() + 1),
        begin_of_((words_.size() + 1) * row_size_, kUnreached) {}

  /// The words with times, as far as they match.
  std::vector<TimedWord> match() {
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
    return std::move(words_);
  }

 private:
  static constexpr std::uint32_t kUnreached = std::numeric_limits<std::uint32_t>::max();

  /// Marks where word `index` may end if its labels begin at run `begin`.
  bool extend(std::size_t index, std::size_t begin) {
    const std::int32_t word = words_[index].word;
    if (word >= pronunciations_.word_count()) return false;
    const bool last_word = index + 1 == words_.size();
    bool any = false;
    for (std::int32_t variant = 0; variant < pronunciations_.pronunciation_count(word); ++variant) {
      const std::span<const std::int32_t> labels = pronunciations_.labels(word, variant);
      const std::size_t available = runs_.size() - begin;
      if (labels.size() > available && !last_word) continue;
      const std::size_t length = std::min(labels.size(), available);
      const bool fits =
          std::equal(labels.begin(), labels.begin() + static_cast<std::ptrdiff_t>(length),
                     runs_.begin() + static_cast<std::ptrdiff_t>(begin),
                     [](std::int32_t label, const LabelRun& run) { return label == run.label; });
      if (!fits) continue;
      any = true;
      std::uint32_t& entry = begin_of_[(index + 1) * row_size_ + begin + length];
      if (entry == kUnreached) entry = static_cast<std::uint32_t>(begin);
    }
    return any;
  }

  void trace_back(std::size_t reached) {
    std::size_t end = row_size_;
    for (std::size_t place = row_size_; place-- > 0 && end == row_size_;) {
      if (begin_of_[reached * row_size_ + place] != kUnreached) end = place;
    }
    for (std::size_t index = reached; index-- > 0;) {
      const std::size_t begin = begin_of_[(index + 1) * row_size_ + end];
      if (begin < end) {
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
};

}  // namespace

std::vector<TimedWord> word_times(std::span<const PathStep> steps,
                                  const PronunciationTable& pronunciations) {
  std::vector<TimedWord> words;
  for (const PathStep& step : steps) {
    if (step.output != 0) words.push_back({step.output, step.frame, step.frame + 1});
  }
  const std::vector<LabelRun> runs = label_runs(steps);
  return WordMatcher(std::move(words), runs, pronunciations).match();
}

}  // namespace harpy

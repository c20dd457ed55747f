#include "tools/score/word_errors.hpp"

#include <algorithm>

namespace harpy::tools {

namespace {

constexpr std::int32_t kGapCost = 3;
constexpr std::int32_t kSubstitutionCost = 4;

/// The last step of the best way to a cell.
enum class Step : std::uint8_t { kPair, kInsertion, kDeletion };

/// A matrix of steps, four to a byte.
class StepMatrix {
 public:
  StepMatrix(std::size_t rows, std::size_t columns)
      : columns_(columns), bytes_((rows * columns + 3) / 4) {}

  void set(std::size_t row, std::size_t column, Step step) {
    const std::size_t index = row * columns_ + column;
    bytes_[index / 4] |= static_cast<std::uint8_t>(static_cast<unsigned>(step) << index % 4 * 2);
  }
  Step get(std::size_t row, std::size_t column) const {
    const std::size_t index = row * columns_ + column;
    return static_cast<Step>(bytes_[index / 4] >> index % 4 * 2 & 3U);
  }

 private:
  std::size_t columns_;
  std::vector<std::uint8_t> bytes_;
};

/// The best last step to each cell [reference words, hypothesis words].
StepMatrix find_steps(std::span<const std::string> reference,
                      std::span<const std::string> hypothesis) {
  StepMatrix steps(reference.size() + 1, hypothesis.size() + 1);
  std::vector<std::int32_t> costs(hypothesis.size() + 1);
  for (std::size_t h = 1; h < costs.size(); ++h) {
    costs[h] = kGapCost * static_cast<std::int32_t>(h);
    steps.set(0, h, Step::kInsertion);
  }
  for (std::size_t r = 1; r <= reference.size(); ++r) {
    std::int32_t diagonal = costs[0];
    costs[0] += kGapCost;
    steps.set(r, 0, Step::kDeletion);
    for (std::size_t h = 1; h < costs.size(); ++h) {
      const bool is_same = reference[r - 1] == hypothesis[h - 1];
      const std::int32_t pair = diagonal + (is_same ? 0 : kSubstitutionCost);
      const std::int32_t insertion = costs[h - 1] + kGapCost;
      const std::int32_t deletion = costs[h] + kGapCost;
      diagonal = costs[h];
      costs[h] = std::min({pair, insertion, deletion});
      if (costs[h] == pair) continue;
      steps.set(r, h, costs[h] == insertion ? Step::kInsertion : Step::kDeletion);
    }
  }
  return steps;
}

}  // namespace

double ErrorCounts::error_rate_percent() const {
  if (errors() == 0) return 0.0;
  return 100.0 * static_cast<double>(errors()) /
         static_cast<double>(std::max<std::int64_t>(1, reference_words));
}

ErrorCounts& ErrorCounts::operator+=(const ErrorCounts& other) {
  reference_words += other.reference_words;
  substitutions += other.substitutions;
  deletions += other.deletions;
  insertions += other.insertions;
  return *this;
}

std::vector<Edit> align_words(std::span<const std::string> reference,
                              std::span<const std::string> hypothesis) {
  const StepMatrix steps = find_steps(reference, hypothesis);
  std::vector<Edit> edits;
  std::size_t r = reference.size();
  std::size_t h = hypothesis.size();
  while (r > 0 || h > 0) {
    switch (steps.get(r, h)) {
      case Step::kPair: {
        --r;
        --h;
        const bool is_same = reference[r] == hypothesis[h];
        edits.push_back(
            {is_same ? EditKind::kCorrect : EditKind::kSubstitution, reference[r], hypothesis[h]});
        break;
      }
      case Step::kInsertion:
        --h;
        edits.push_back({EditKind::kInsertion, {}, hypothesis[h]});
        break;
      case Step::kDeletion:
        --r;
        edits.push_back({EditKind::kDeletion, reference[r], {}});
        break;
    }
  }
  std::reverse(edits.begin(), edits.end());
  return edits;
}

ErrorCounts count_errors(std::span<const Edit> alignment) {
  ErrorCounts counts;
  for (const Edit& edit : alignment) {
    counts.reference_words += edit.kind != EditKind::kInsertion;
    counts.substitutions += edit.kind == EditKind::kSubstitution;
    counts.deletions += edit.kind == EditKind::kDeletion;
    counts.insertions += edit.kind == EditKind::kInsertion;
  }
  return counts;
}

std::vector<std::string> split_words(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n\v\f";
  std::vector<std::string> words;
  for (std::size_t begin = text.find_first_not_of(kSpace); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpace, begin), text.size());
    words.emplace_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpace, end);
  }
  return words;
}

std::vector<std::string> split_characters(std::string_view text) {
  std::vector<std::string> characters;
  for (const std::string& word : split_words(text)) {
    if (!characters.empty()) characters.emplace_back("_");
    for (std::size_t begin = 0; begin < word.size();) {
      std::size_t end = begin + 1;
      while (end < word.size() && (static_cast<unsigned char>(word[end]) & 0xC0U) == 0x80U) ++end;
      characters.push_back(word.substr(begin, end - begin));
      begin = end;
    }
  }
  return characters;
}

}  // namespace harpy::tools

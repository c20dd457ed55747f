#include "tools/word_errors.hpp"

#include <algorithm>

namespace harpy::tools {

namespace {

constexpr std::int32_t kGapCost = 3;
constexpr std::int32_t kSubstitutionCost = 4;

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
  const std::size_t columns = hypothesis.size() + 1;
  std::vector<std::int32_t> costs((reference.size() + 1) * columns);
  const auto cost = [&](std::size_t r, std::size_t h) -> std::int32_t& {
    return costs[r * columns + h];
  };
  const auto pair_cost = [&](std::size_t r, std::size_t h) {
    return reference[r] == hypothesis[h] ? 0 : kSubstitutionCost;
  };
  for (std::size_t r = 0; r <= reference.size(); ++r) {
    for (std::size_t h = 0; h <= hypothesis.size(); ++h) {
      if (r == 0 || h == 0) {
        cost(r, h) = kGapCost * static_cast<std::int32_t>(r + h);
        continue;
      }
      cost(r, h) = std::min({cost(r - 1, h - 1) + pair_cost(r - 1, h - 1),
                             cost(r - 1, h) + kGapCost, cost(r, h - 1) + kGapCost});
    }
  }
  std::vector<Edit> edits;
  std::size_t r = reference.size();
  std::size_t h = hypothesis.size();
  while (r > 0 || h > 0) {
    if (r > 0 && h > 0 && cost(r, h) == cost(r - 1, h - 1) + pair_cost(r - 1, h - 1)) {
      --r;
      --h;
      const EditKind kind =
          reference[r] == hypothesis[h] ? EditKind::kCorrect : EditKind::kSubstitution;
      edits.push_back({kind, reference[r], hypothesis[h]});
    } else if (h > 0 && cost(r, h) == cost(r, h - 1) + kGapCost) {
      --h;
      edits.push_back({EditKind::kInsertion, {}, hypothesis[h]});
    } else {
      --r;
      edits.push_back({EditKind::kDeletion, reference[r], {}});
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

}  // namespace harpy::tools

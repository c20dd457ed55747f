#include "decoder/pronunciation/letter_alignment.hpp"

#include <algorithm>
#include <utility>

namespace harpy {

namespace {

constexpr int kIterations = 5;

}  // namespace

LetterAlignment::LetterAlignment(std::span<const SpelledWord> words, std::int64_t phone_count)
    : phone_count_(static_cast<std::size_t>(phone_count)),
      probabilities_(kLetterCount * group_count(), 1.0) {
  for (int iteration = 0; iteration < kIterations; ++iteration) {
    std::vector<double> counts(probabilities_.size(), 0.0);
    for (const SpelledWord& word : words) add_posteriors(word, counts);
    for (std::size_t letter = 0; letter < kLetterCount; ++letter) {
      const auto begin = counts.begin() + static_cast<std::ptrdiff_t>(letter * group_count());
      const auto end = begin + static_cast<std::ptrdiff_t>(group_count());
      double sum = 0.0;
      for (auto it = begin; it != end; ++it) sum += *it;
      if (sum > 0.0) std::for_each(begin, end, [sum](double& value) { value /= sum; });
    }
    probabilities_ = std::move(counts);
  }
}

std::vector<std::int32_t> LetterAlignment::phones_of(std::size_t group) const {
  std::vector<std::int32_t> phones;
  if (group >= phone_count_) phones.push_back(static_cast<std::int32_t>(group / phone_count_));
  if (group > 0) phones.push_back(static_cast<std::int32_t>(group % phone_count_));
  return phones;
}

std::size_t LetterAlignment::group_of(std::span<const std::int32_t> phones) const {
  std::size_t group = 0;
  for (const std::int32_t phone : phones) {
    group = group * phone_count_ + static_cast<std::size_t>(phone);
  }
  return group;
}

/// Calls step(from, to, phones taken, probability) for every step of the lattice of alignments, in
/// order of `from`; node (letters done, phones done) has number letters * (phones + 1) + phones.
template <typename Step>
void LetterAlignment::for_each_step(const SpelledWord& word, const Step& step) const {
  const std::size_t width = word.phones.size() + 1;
  for (std::size_t i = 0; i < word.letters.size(); ++i) {
    const double* row = probabilities_.data() + letter_of(word.letters[i]) * group_count();
    for (std::size_t j = 0; j < width; ++j) {
      for (std::size_t length = 0; length <= kMostPhones && j + length < width; ++length) {
        step(i * width + j, (i + 1) * width + j + length, length,
             row[group_of(word.phones.subspan(j, length))]);
      }
    }
  }
}

std::vector<std::size_t> LetterAlignment::align(const SpelledWord& word) const {
  const std::size_t width = word.phones.size() + 1;
  std::vector<double> best((word.letters.size() + 1) * width, 0.0);
  std::vector<std::size_t> taken(best.size(), 0);
  best[0] = 1.0;
  for_each_step(word, [&](std::size_t from, std::size_t to, std::size_t length, double p) {
    if (best[from] * p <= best[to]) return;
    best[to] = best[from] * p;
    taken[to] = length;
  });
  if (best.back() <= 0.0) return {};
  std::vector<std::size_t> groups(word.letters.size());
  std::size_t j = word.phones.size();
  for (std::size_t i = word.letters.size(); i-- > 0;) {
    const std::size_t length = taken[(i + 1) * width + j];
    j -= length;
    groups[i] = group_of(word.phones.subspan(j, length));
  }
  return groups;
}

void LetterAlignment::add_posteriors(const SpelledWord& word, std::vector<double>& counts) const {
  const std::size_t width = word.phones.size() + 1;
  std::vector<double> forward((word.letters.size() + 1) * width, 0.0);
  forward[0] = 1.0;
  for_each_step(word, [&](std::size_t from, std::size_t to, std::size_t, double p) {
    forward[to] += forward[from] * p;
  });
  if (forward.back() <= 0.0) return;
  std::vector<double> backward(forward.size(), 0.0);
  backward.back() = 1.0;
  for (std::size_t i = word.letters.size(); i-- > 0;) {
    const std::size_t letter = letter_of(word.letters[i]) * group_count();
    for (std::size_t j = 0; j < width; ++j) {
      for (std::size_t length = 0; length <= kMostPhones && j + length < width; ++length) {
        const std::size_t at = letter + group_of(word.phones.subspan(j, length));
        const double ahead = probabilities_[at] * backward[(i + 1) * width + j + length];
        backward[i * width + j] += ahead;
        counts[at] += forward[i * width + j] * ahead / forward.back();
      }
    }
  }
}

}  // namespace harpy

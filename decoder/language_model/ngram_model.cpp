#include "decoder/language_model/ngram_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {

namespace {

/// Probability mass that a sum of probabilities held as floats may miss by rounding.
constexpr double kRoundingMass = 1e-7;

void check(bool holds, const std::string& what) {
  if (!holds) throw std::invalid_argument("n-gram model: " + what);
}

void check_levels(const Vocabulary& vocabulary, std::span<const NgramLevel> levels) {
  check(!levels.empty(), "expected at least unigrams, got none");
  check(levels[0].size() == vocabulary.size(), "expected " + std::to_string(vocabulary.size()) +
                                                   " unigrams, one a word, got " +
                                                   std::to_string(levels[0].size()));
  for (std::size_t n = 0; n < levels.size(); ++n) {
    const NgramLevel& level = levels[n];
    const bool last = n + 1 == levels.size();
    const std::string name = std::to_string(n + 1) + "-grams: ";
    check(level.log_probabilities.size() == level.size(), name + "expected one probability each");
    check(level.log_backoffs.size() == (last ? 0 : level.size()),
          name + "expected one back-off weight each, none in the last order");
    check(level.first_child.size() == (last ? 0 : level.size() + 1),
          name + "expected one offset more than n-grams, none in the last order");
    if (last) continue;
    check(std::is_sorted(level.first_child.begin(), level.first_child.end()) &&
              level.first_child.front() == 0 && level.first_child.back() == levels[n + 1].size(),
          name + "expected offsets that rise from 0 to the size of the next order");
  }
}

template <typename T>
void keep_elements(std::vector<T>& elements, const std::vector<bool>& keep) {
  if (elements.empty()) return;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i]) elements[kept++] = elements[i];
  }
  elements.resize(kept);
  elements.shrink_to_fit();
}

/// Offsets of the children that stay, for the contexts that stay.
std::vector<std::uint32_t> kept_offsets(const std::vector<std::uint32_t>& first_child,
                                        const std::vector<bool>& keep,
                                        const std::vector<bool>& keep_children) {
  std::vector<std::uint32_t> offsets{0};
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (!keep[i]) continue;
    const auto begin = keep_children.begin() + first_child[i];
    const auto end = keep_children.begin() + first_child[i + 1];
    offsets.push_back(offsets.back() + static_cast<std::uint32_t>(std::count(begin, end, true)));
  }
  return offsets;
}

/// Logarithm of the back-off weight of a context that leaves `rest` to unseen words, to which the
/// shorter context gives `shorter_rest`. Unseen words never lose all to rounding; where there are
/// none the weight means nothing and is 1.
float log_backoff(double rest, double shorter_rest) {
  if (shorter_rest < kRoundingMass) return 0.0F;
  return static_cast<float>(std::log(std::max(rest, kRoundingMass) / shorter_rest));
}

}  // namespace

std::optional<std::uint32_t> find_child(std::span<const NgramLevel> levels, int context_length,
                                        std::uint32_t context, WordId word) {
  const auto& first_child = levels[context_length - 1].first_child;
  const auto& words = levels[context_length].words;
  const auto begin = words.begin() + first_child[context];
  const auto end = words.begin() + first_child[context + 1];
  const auto found = std::lower_bound(begin, end, word);
  if (found == end || *found != word) return std::nullopt;
  return static_cast<std::uint32_t>(found - words.begin());
}

NgramModel::NgramModel(Vocabulary vocabulary, std::vector<NgramLevel> levels)
    : vocabulary_(std::move(vocabulary)), levels_(std::move(levels)) {
  check_levels(vocabulary_, levels_);
}

std::uint64_t NgramModel::ngram_count() const {
  std::uint64_t total = 0;
  for (const NgramLevel& level : levels_) total += level.size();
  return total;
}

std::optional<std::uint32_t> NgramModel::find(std::span<const WordId> ngram) const {
  if (ngram.empty() || ngram.size() > levels_.size() || ngram[0] >= levels_[0].size()) {
    return std::nullopt;
  }
  std::optional<std::uint32_t> node = ngram[0];
  for (std::size_t n = 1; node && n < ngram.size(); ++n) {
    node = find_child(static_cast<int>(n), *node, ngram[n]);
  }
  return node;
}

std::optional<std::uint32_t> NgramModel::find_child(int context_length, std::uint32_t context,
                                                    WordId word) const {
  return harpy::find_child(levels_, context_length, context, word);
}

float NgramModel::log_probability(std::span<const WordId> context, WordId word) const {
  context = context.last(std::min(context.size(), levels_.size() - 1));
  float log_backoff = 0.0F;
  for (; !context.empty(); context = context.subspan(1)) {
    const auto node = find(context);
    if (!node) continue;
    const int length = static_cast<int>(context.size());
    const auto child = find_child(length, *node, word);
    if (child) return log_backoff + levels_[length].log_probabilities[*child];
    log_backoff += levels_[length - 1].log_backoffs[*node];
  }
  return log_backoff + levels_[0].log_probabilities[word];
}

void NgramModel::visit(
    int order, const std::function<void(std::span<const WordId>, std::uint32_t)>& visitor) const {
  // parents[n]: the n-gram of n + 1 words at the head of the current one.
  std::vector<std::uint32_t> parents(order, 0);
  std::vector<WordId> words(order);
  for (std::uint32_t index = 0; index < level(order).size(); ++index) {
    parents[order - 1] = index;
    words[order - 1] = level(order).words[index];
    for (int n = order - 1; n >= 1; --n) {
      const auto& first_child = levels_[n - 1].first_child;
      while (first_child[parents[n - 1] + 1] <= parents[n]) ++parents[n - 1];
      words[n - 1] = levels_[n - 1].words[parents[n - 1]];
    }
    visitor(words, index);
  }
}

void NgramModel::keep_only(const std::vector<std::vector<bool>>& keep) {
  for (std::size_t n = 0; n < levels_.size(); ++n) {
    NgramLevel& level = levels_[n];
    if (n + 1 < levels_.size()) {
      level.first_child = kept_offsets(level.first_child, keep[n], keep[n + 1]);
    }
    keep_elements(level.words, keep[n]);
    keep_elements(level.log_probabilities, keep[n]);
    keep_elements(level.log_backoffs, keep[n]);
  }
  check_levels(vocabulary_, levels_);
}

void NgramModel::normalize_backoffs() {
  for (int length = 1; length < order(); ++length) {
    NgramLevel& contexts = levels_[length - 1];
    const NgramLevel& children = levels_[length];
    visit(length, [&](std::span<const WordId> words, std::uint32_t context) {
      const std::uint32_t begin = contexts.first_child[context];
      const std::uint32_t end = contexts.first_child[context + 1];
      if (begin == end) {
        contexts.log_backoffs[context] = 0.0F;
        return;
      }
      double rest = 1.0;
      double shorter_rest = 1.0;
      for (std::uint32_t child = begin; child < end; ++child) {
        rest -= std::exp(static_cast<double>(children.log_probabilities[child]));
        shorter_rest -=
            std::exp(static_cast<double>(log_probability(words.subspan(1), children.words[child])));
      }
      contexts.log_backoffs[context] = log_backoff(rest, shorter_rest);
    });
  }
}

}  // namespace harpy

#include "decoder/language_model/kneser_ney.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace harpy {

namespace {

void check_options(const Vocabulary& vocabulary, const NgramCounts& counts,
                   const KneserNeyOptions& options, int order) {
  if (vocabulary.sentence_start() == kNoWord || counts.levels.empty() ||
      counts.levels[0].size() != vocabulary.size() + 1) {
    throw std::invalid_argument(
        "Kneser-Ney estimate: expected counts of a vocabulary with <s>, got others");
  }
  if (order < 1 || order > counts.order()) {
    throw std::invalid_argument("order of a Kneser-Ney model: expected 1 to " +
                                std::to_string(counts.order()) + ", got " + std::to_string(order));
  }
  if (options.cutoffs.size() + 1 > static_cast<std::size_t>(order)) {
    throw std::invalid_argument("count cut-offs: expected at most " + std::to_string(order - 1) +
                                " (orders 2 and up), got " +
                                std::to_string(options.cutoffs.size()));
  }
}

/// One estimate in the making. Words outside the vocabulary have the greatest number, so their
/// n-grams are the last of each order; once they have served as left contexts they are cut off.
class Estimator {
 public:
  Estimator(const Vocabulary& vocabulary, const NgramCounts& counts,
            const KneserNeyOptions& options)
      : vocabulary_(vocabulary),
        counts_(counts),
        options_(options),
        order_(options.order == 0 ? counts.order() : options.order) {
    check_options(vocabulary, counts, options, order_);
    for (int n = 1; n <= order_; ++n) {
      used_counts_.push_back(counts_of_order(n));
      discounts_.push_back(estimate_discounts(counts_of_counts(used_counts_.back())));
    }
    mark_kept();
  }

  KneserNeyEstimate run() {
    std::vector<NgramLevel> levels;
    for (int n = 1; n <= order_; ++n) {
      levels.push_back(empty_level(n));
      if (n == 1) {
        estimate_unigrams(levels[0]);
      } else {
        for (std::uint32_t context = 0; context < levels[n - 2].size(); ++context) {
          estimate_children(n, context, levels);
        }
      }
    }
    for (NgramLevel& level : levels) {
      for (float& value : level.log_probabilities) value = std::log(value);
      for (float& value : level.log_backoffs) value = std::log(value);
    }
    NgramModel model(vocabulary_, std::move(levels));
    if (!options_.cutoffs.empty()) model.keep_only(keep_);
    return {std::move(model), std::move(discounts_)};
  }

 private:
  std::vector<std::uint32_t> counts_of_order(int n) const {
    const CountLevel& level = counts_.levels[n - 1];
    const auto outside_word = static_cast<WordId>(vocabulary_.size());
    std::vector<std::uint32_t> used;
    if (n == order_ || options_.lower_orders == LowerOrders::kOccurrences) {
      used = level.counts;
    } else {
      used.resize(level.size());
      for (const std::uint32_t suffix : counts_.levels[n].suffixes) ++used[suffix];
      const NgramRange starts = ngrams_beginning_with(counts_, n, vocabulary_.sentence_start());
      std::copy(level.counts.begin() + starts.begin, level.counts.begin() + starts.end,
                used.begin() + starts.begin);
    }
    used.resize(ngrams_beginning_with(counts_, n, outside_word).begin);
    if (n == 1) used[vocabulary_.sentence_start()] = 0;
    return used;
  }

  static std::array<std::uint64_t, 4> counts_of_counts(const std::vector<std::uint32_t>& counts) {
    std::array<std::uint64_t, 4> found{};
    for (const std::uint32_t count : counts) {
      if (count >= 1 && count <= 4) ++found[count - 1];
    }
    return found;
  }

  void mark_kept() {
    if (options_.cutoffs.empty()) return;
    keep_.resize(order_);
    for (int n = order_; n >= 1; --n) {
      const std::size_t size = used_counts_[n - 1].size();
      keep_[n - 1].assign(size, n == 1);
      if (n == 1) break;
      const std::uint32_t cutoff =
          static_cast<std::size_t>(n - 2) < options_.cutoffs.size() ? options_.cutoffs[n - 2] : 0;
      for (std::size_t i = 0; i < size; ++i) {
        keep_[n - 1][i] = used_counts_[n - 1][i] > cutoff || (n < order_ && has_kept_child(n, i));
      }
    }
  }

  bool has_kept_child(int n, std::size_t context) const {
    const auto& first_child = counts_.levels[n - 1].first_child;
    for (std::uint32_t i = first_child[context]; i < first_child[context + 1]; ++i) {
      if (keep_[n][i]) return true;
    }
    return false;
  }

  /// What an n-gram keeps of its count.
  double discounted(int n, std::uint32_t index) const {
    const std::uint32_t count = used_counts_[n - 1][index];
    if (!keep_.empty() && !keep_[n - 1][index]) return 0.0;
    return count - discounts_[n - 1](count);
  }

  NgramLevel empty_level(int n) const {
    const std::size_t size = used_counts_[n - 1].size();
    const CountLevel& counted = counts_.levels[n - 1];
    NgramLevel level;
    level.words.assign(counted.words.begin(), counted.words.begin() + static_cast<long>(size));
    level.log_probabilities.resize(size);
    if (n < order_) {
      level.log_backoffs.assign(size, 1.0F);
      level.first_child.assign(counted.first_child.begin(),
                               counted.first_child.begin() + static_cast<long>(size) + 1);
    }
    return level;
  }

  void estimate_unigrams(NgramLevel& level) const {
    double total = 0.0;
    double kept = 0.0;
    for (std::uint32_t word = 0; word < level.size(); ++word) {
      total += used_counts_[0][word];
      kept += discounted(1, word);
    }
    if (total == 0.0) throw std::runtime_error("the text holds no word of the vocabulary");
    const double equal_share = (total - kept) / static_cast<double>(level.size() - 1);
    for (std::uint32_t word = 0; word < level.size(); ++word) {
      level.log_probabilities[word] =
          static_cast<float>((discounted(1, word) + equal_share) / total);
    }
    level.log_probabilities[vocabulary_.sentence_start()] = 0.0F;
  }

  /// Sets the probabilities of the children of a context and its back-off weight, not yet as
  /// logarithms.
  void estimate_children(int n, std::uint32_t context, std::vector<NgramLevel>& levels) const {
    NgramLevel& contexts = levels[n - 2];
    const std::uint32_t begin = contexts.first_child[context];
    const std::uint32_t end = contexts.first_child[context + 1];
    if (begin == end) return;
    double total = 0.0;
    double kept = 0.0;
    for (std::uint32_t i = begin; i < end; ++i) {
      total += used_counts_[n - 1][i];
      kept += discounted(n, i);
    }
    const double backoff = (total - kept) / total;
    contexts.log_backoffs[context] = static_cast<float>(backoff);
    for (std::uint32_t i = begin; i < end; ++i) {
      const auto shorter =
          static_cast<double>(contexts.log_probabilities[counts_.levels[n - 1].suffixes[i]]);
      levels[n - 1].log_probabilities[i] =
          static_cast<float>(discounted(n, i) / total + backoff * shorter);
    }
  }

  const Vocabulary& vocabulary_;
  const NgramCounts& counts_;
  const KneserNeyOptions& options_;
  int order_;
  std::vector<std::vector<std::uint32_t>> used_counts_;
  std::vector<Discounts> discounts_;
  std::vector<std::vector<bool>> keep_;  ///< empty without cut-offs
};

}  // namespace

Discounts estimate_discounts(const std::array<std::uint64_t, 4>& counts_of_counts) {
  std::array<double, 4> n{};
  std::copy(counts_of_counts.begin(), counts_of_counts.end(), n.begin());
  if (n[0] == 0.0 || n[1] == 0.0) return {{0.5, 0.5, 0.5}, false};
  const double y = n[0] / (n[0] + 2.0 * n[1]);
  Discounts discounts{{y, y, y}, false};
  if (n[2] == 0.0 || n[3] == 0.0) return discounts;
  std::array<double, 3> values{};
  for (int k = 1; k <= 3; ++k) {
    values[k - 1] = k - (k + 1) * y * n[k] / n[k - 1];
    if (values[k - 1] < 0.0 || values[k - 1] > k) return discounts;
  }
  return {values, true};
}

KneserNeyEstimate estimate_kneser_ney(const Vocabulary& vocabulary, const NgramCounts& counts,
                                      const KneserNeyOptions& options) {
  return Estimator(vocabulary, counts, options).run();
}

}  // namespace harpy

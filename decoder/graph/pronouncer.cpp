#include "decoder/graph/pronouncer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace harpy {
namespace {

constexpr std::size_t kLetterCount = 256;
constexpr std::size_t kMaxPhones = 2;  ///< of a letter
constexpr int kAlignmentIterations = 5;
constexpr std::size_t kBeam = 12;  ///< partial pronunciations kept while a word is spelled

/// A word of the lexicon with one pronunciation.
struct Example {
  std::string_view word;
  std::span<const std::int32_t> phones;
};

std::size_t letter_of(char c) { return static_cast<unsigned char>(c); }

/// Aligns letters with groups of none to two phones. Groups are numbers below group_count().
class Aligner {
 public:
  explicit Aligner(std::int64_t phone_count)
      : phone_count_(static_cast<std::size_t>(phone_count)),
        probabilities_(kLetterCount * group_count(), 1.0) {}

  /// No phone: 0; phone p: p; phones p and q: p * (phone count) + q, at least the phone count.
  std::size_t group_count() const { return phone_count_ * phone_count_; }

  std::size_t group_of(std::span<const std::int32_t> phones) const {
    std::size_t group = 0;
    for (const std::int32_t phone : phones) {
      group = group * phone_count_ + static_cast<std::size_t>(phone);
    }
    return group;
  }

  void train(std::span<const Example> examples) {
    for (int iteration = 0; iteration < kAlignmentIterations; ++iteration) {
      std::vector<double> counts(probabilities_.size(), 0.0);
      for (const Example& example : examples) add_posteriors(example, counts);
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

  /// The group of each letter on the best alignment; empty if there is none.
  std::vector<std::size_t> align(const Example& example) const {
    const std::size_t width = example.phones.size() + 1;
    std::vector<double> best((example.word.size() + 1) * width, 0.0);
    std::vector<std::size_t> taken(best.size(), 0);
    best[0] = 1.0;
    for_each_step(example, [&](std::size_t from, std::size_t to, std::size_t length, double p) {
      if (best[from] * p <= best[to]) return;
      best[to] = best[from] * p;
      taken[to] = length;
    });
    if (best.back() <= 0.0) return {};
    std::vector<std::size_t> groups(example.word.size());
    std::size_t j = example.phones.size();
    for (std::size_t i = example.word.size(); i-- > 0;) {
      const std::size_t length = taken[(i + 1) * width + j];
      j -= length;
      groups[i] = group_of(example.phones.subspan(j, length));
    }
    return groups;
  }

 private:
  /// Calls step(from, to, phones taken, probability) for every step of the lattice of alignments,
  /// in order of `from`; node (letters done, phones done) has number letters * (phones + 1) +
  /// phones.
  template <typename Step>
  void for_each_step(const Example& example, const Step& step) const {
    const std::size_t width = example.phones.size() + 1;
    for (std::size_t i = 0; i < example.word.size(); ++i) {
      const double* row = probabilities_.data() + letter_of(example.word[i]) * group_count();
      for (std::size_t j = 0; j < width; ++j) {
        for (std::size_t length = 0; length <= kMaxPhones && j + length < width; ++length) {
          step(i * width + j, (i + 1) * width + j + length, length,
               row[group_of(example.phones.subspan(j, length))]);
        }
      }
    }
  }

  void add_posteriors(const Example& example, std::vector<double>& counts) const {
    const std::size_t width = example.phones.size() + 1;
    std::vector<double> forward((example.word.size() + 1) * width, 0.0);
    forward[0] = 1.0;
    for_each_step(example, [&](std::size_t from, std::size_t to, std::size_t, double p) {
      forward[to] += forward[from] * p;
    });
    if (forward.back() <= 0.0) return;
    std::vector<double> backward(forward.size(), 0.0);
    backward.back() = 1.0;
    for (std::size_t i = example.word.size(); i-- > 0;) {
      const std::size_t letter = letter_of(example.word[i]) * group_count();
      for (std::size_t j = 0; j < width; ++j) {
        for (std::size_t length = 0; length <= kMaxPhones && j + length < width; ++length) {
          const std::size_t at = letter + group_of(example.phones.subspan(j, length));
          const double ahead = probabilities_[at] * backward[(i + 1) * width + j + length];
          backward[i * width + j] += ahead;
          counts[at] += forward[i * width + j] * ahead / forward.back();
        }
      }
    }
  }

  std::size_t phone_count_;
  std::vector<double> probabilities_;  ///< [letter, group]
};

std::uint64_t mixed(std::uint64_t hash, std::uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return hash ^ (hash >> 29);
}

}  // namespace

Pronouncer::Pronouncer(const Lexicon& lexicon)
    : phone_count_(lexicon.labels().size()), pairs_of_letter_(kLetterCount) {
  std::vector<Example> examples;
  for (const std::string& word : lexicon.words()) {
    const auto pronunciations = lexicon.pronunciations(word);
    if (!pronunciations.empty()) examples.push_back({word, pronunciations[0]});
  }
  Aligner aligner(phone_count_);
  aligner.train(examples);
  for (const Example& example : examples) {
    const std::vector<std::size_t> groups = aligner.align(example);
    if (groups.empty()) continue;
    History history{};
    const auto take = [&](Pair pair) {
      count(history, pair);
      std::copy_backward(history.begin(), history.end() - 1, history.end());
      history[0] = pair;
    };
    for (std::size_t i = 0; i < groups.size(); ++i) {
      const std::size_t letter = letter_of(example.word[i]);
      const auto pair = static_cast<Pair>(1 + letter * aligner.group_count() + groups[i]);
      std::vector<Pair>& known = pairs_of_letter_[letter];
      if (std::find(known.begin(), known.end(), pair) == known.end()) known.push_back(pair);
      take(pair);
    }
    take(0);
  }
}

void Pronouncer::count(const History& history, Pair pair) {
  std::uint64_t key = 1;
  for (int length = 0; length < kOrder; ++length) {
    if (length > 0) key = mixed(key, history[static_cast<std::size_t>(length) - 1] + 1ULL);
    HistoryCounts& counts = histories_[key];
    double& seen = counts_[mixed(key, ~static_cast<std::uint64_t>(pair))];
    if (seen == 0.0) counts.followers += 1.0;
    seen += 1.0;
    counts.total += 1.0;
  }
}

double Pronouncer::probability(const History& history, Pair pair) const {
  double result = 1e-9;
  std::uint64_t key = 1;
  for (int length = 0; length < kOrder; ++length) {
    if (length > 0) key = mixed(key, history[static_cast<std::size_t>(length) - 1] + 1ULL);
    const auto counts = histories_.find(key);
    if (counts == histories_.end()) break;
    const auto seen = counts_.find(mixed(key, ~static_cast<std::uint64_t>(pair)));
    const double hits = seen == counts_.end() ? 0.0 : seen->second;
    const auto& [total, followers] = counts->second;
    result = (hits + followers * result) / (total + followers);
  }
  return result;
}

Lexicon::Pronunciation Pronouncer::pronounce(std::string_view word) const {
  struct Partial {
    double log_probability = 0.0;
    History history{};
    Lexicon::Pronunciation phones;
  };
  const auto better = [](const Partial& a, const Partial& b) {
    return a.log_probability > b.log_probability;
  };
  const auto group_count = static_cast<Pair>(phone_count_ * phone_count_);
  std::vector<Partial> beam(1);
  for (const char c : word) {
    std::vector<Partial> next;
    for (const Partial& partial : beam) {
      for (const Pair pair : pairs_of_letter_[letter_of(c)]) {
        Partial longer = partial;
        longer.log_probability += std::log(probability(partial.history, pair));
        std::copy_backward(longer.history.begin(), longer.history.end() - 1, longer.history.end());
        longer.history[0] = pair;
        const auto group = static_cast<std::int32_t>((pair - 1) % group_count);
        const auto phones = static_cast<std::int32_t>(phone_count_);
        if (group >= phones) longer.phones.push_back(group / phones);
        if (group > 0) longer.phones.push_back(group % phones);
        next.push_back(std::move(longer));
      }
    }
    if (next.size() > kBeam) {
      std::partial_sort(next.begin(), next.begin() + kBeam, next.end(), better);
      next.resize(kBeam);
    }
    beam = std::move(next);
  }
  for (Partial& partial : beam) {
    partial.log_probability += std::log(probability(partial.history, 0));
  }
  if (beam.empty()) return {};
  return std::min_element(beam.begin(), beam.end(), better)->phones;
}

}  // namespace harpy

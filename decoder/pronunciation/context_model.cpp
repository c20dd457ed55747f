#include "decoder/pronunciation/context_model.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "decoder/pronunciation/letter_alignment.hpp"

namespace harpy {

namespace {

constexpr int kWeightBits = 24;
constexpr std::uint32_t kWeightMask = (1U << kWeightBits) - 1U;
constexpr int kReach = 4;       ///< letters to each side that features see
constexpr int kLongestRun = 5;  ///< letters
constexpr int kEpochs = 3;
constexpr double kFirstRate = 0.2;  ///< of the gradient; falls evenly to 0

/// What stands at a place outside of the word.
constexpr std::uint64_t kOutside = 1U << 20U;

/// A hash of a sequence, value by value.
constexpr std::uint64_t extended(std::uint64_t hash, std::uint64_t value) {
  const std::uint64_t mixed = (hash ^ value) * 0x9E3779B97F4A7C15ULL;
  return mixed ^ (mixed >> 29U);
}

/// Lists the features of one letter. Each is a hash of the letter, of what kind it is and of what
/// stands around.
class FeatureList {
 public:
  FeatureList(const AlignedWord& word, std::size_t place, std::vector<std::uint32_t>& features)
      : word_(word), place_(static_cast<std::ptrdiff_t>(place)), features_(features) {
    features_.clear();
    add_runs_of_letters();
    add_groups();
    add_last_sound();
  }

 private:
  std::uint64_t letter(std::ptrdiff_t offset) const {
    const std::ptrdiff_t at = place_ + offset;
    const bool is_inside = at >= 0 && at < static_cast<std::ptrdiff_t>(word_.letters.size());
    return is_inside ? letter_of(word_.letters[static_cast<std::size_t>(at)]) : kOutside;
  }
  std::uint64_t group_before(std::ptrdiff_t distance) const {
    return distance > place_ ? kOutside : word_.groups[static_cast<std::size_t>(place_ - distance)];
  }
  std::uint64_t begin(std::uint64_t kind) const { return extended(kind, letter(0)); }
  void add(std::uint64_t hash) {
    features_.push_back(static_cast<std::uint32_t>(hash >> (64 - kWeightBits)));
  }
  /// A feature, and the same with one, two … following letters.
  void add_with_following(std::uint64_t hash, int most) {
    add(hash);
    for (int offset = 1; offset <= most; ++offset) {
      hash = extended(hash, letter(offset));
      add(hash);
    }
  }

  /// All runs that have the letter in them.
  void add_runs_of_letters() {
    for (int before = 0; before <= kReach; ++before) {
      std::uint64_t hash = begin(1 + static_cast<std::uint64_t>(before));
      for (int offset = -before; offset < 0; ++offset) hash = extended(hash, letter(offset));
      add_with_following(hash, std::min(kReach, kLongestRun - 1 - before));
    }
  }

  void add_groups() {
    std::uint64_t hash = begin(10);
    for (int distance = 1; distance <= 3; ++distance) {
      hash = extended(hash, group_before(distance));
      add_with_following(hash, distance < 3 ? 3 : 2);
    }
    const std::uint64_t around = extended(extended(begin(11), group_before(1)), letter(1));
    add(extended(around, letter(-1)));
    add(extended(extended(around, letter(-1)), letter(-2)));
  }

  /// The last group before the letter that is not silent.
  void add_last_sound() {
    std::uint64_t sound = 0;
    for (int distance = 1; sound == 0 && distance <= kReach; ++distance) {
      sound = group_before(distance);
    }
    add_with_following(extended(begin(12), sound), 2);
  }

  const AlignedWord& word_;
  const std::ptrdiff_t place_;
  std::vector<std::uint32_t>& features_;
};

}  // namespace

AlignedWord AlignedWord::reversed() const {
  return {{letters.rbegin(), letters.rend()}, {groups.rbegin(), groups.rend()}};
}

ContextModel::ContextModel(std::span<const AlignedWord> words)
    : groups_of_letter_(LetterAlignment::kLetterCount), weights_(std::size_t{1} << kWeightBits) {
  for (const AlignedWord& word : words) {
    for (std::size_t i = 0; i < word.letters.size(); ++i) {
      auto& groups = groups_of_letter_[letter_of(word.letters[i])];
      if (class_of(word.letters[i], word.groups[i]) == groups.size()) {
        groups.push_back(word.groups[i]);
      }
    }
  }
  std::minstd_rand random(1);
  std::vector<const AlignedWord*> order;
  for (const AlignedWord& word : words) order.push_back(&word);
  const double step_count = static_cast<double>(kEpochs) * static_cast<double>(words.size());
  double steps = 0.0;
  for (int epoch = 0; epoch < kEpochs; ++epoch) {
    std::shuffle(order.begin(), order.end(), random);
    for (const AlignedWord* word : order) {
      learn_word(*word, static_cast<float>(kFirstRate * (1.0 - steps++ / step_count)));
    }
  }
}

std::size_t ContextModel::class_of(char letter, std::size_t group) const {
  const auto& groups = groups_of_letter_[letter_of(letter)];
  return static_cast<std::size_t>(std::ranges::find(groups, group) - groups.begin());
}

void ContextModel::find_shares(char letter, const Features& features,
                               std::vector<float>& shares) const {
  shares.assign(groups_of_letter_[letter_of(letter)].size(), 0.0F);
  for (const std::uint32_t feature : features) {
    for (std::uint32_t i = 0; i < shares.size(); ++i) {
      shares[i] += weights_[(feature + i) & kWeightMask];
    }
  }
  const float greatest = std::ranges::max(shares);
  float sum = 0.0F;
  for (float& share : shares) sum += share = std::exp(share - greatest);
  for (float& share : shares) share /= sum;
}

void ContextModel::learn_word(const AlignedWord& word, float rate) {
  Features features;
  std::vector<float> shares;
  for (std::size_t place = 0; place < word.letters.size(); ++place) {
    const char letter = word.letters[place];
    FeatureList(word, place, features);
    find_shares(letter, features, shares);
    shares[class_of(letter, word.groups[place])] -= 1.0F;
    for (const std::uint32_t feature : features) {
      for (std::uint32_t i = 0; i < shares.size(); ++i) {
        weights_[(feature + i) & kWeightMask] -= rate * shares[i];
      }
    }
  }
}

double ContextModel::log_probability(const AlignedWord& word) const {
  double sum = 0.0;
  Features features;
  std::vector<float> shares;
  for (std::size_t place = 0; place < word.letters.size(); ++place) {
    const char letter = word.letters[place];
    const std::size_t wanted = class_of(letter, word.groups[place]);
    if (wanted == groups_of_letter_[letter_of(letter)].size()) {
      return -std::numeric_limits<double>::infinity();
    }
    FeatureList(word, place, features);
    find_shares(letter, features, shares);
    sum += std::log(std::max(shares[wanted], std::numeric_limits<float>::min()));
  }
  return sum;
}

}  // namespace harpy

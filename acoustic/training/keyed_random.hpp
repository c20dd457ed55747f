#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>

namespace harpy {

/// The FNV-1a hash of a text, which is the same on every machine. It makes names parts of a random
/// key.
std::uint64_t hash_text(std::string_view text);

/// Random numbers that follow from a key alone, such as (seed, epoch, utterance). They do not
/// depend on what was drawn before under other keys. Source: SplitMix64 (Steele, Lea and Flood,
/// 2014).
class KeyedRandom {
 public:
  KeyedRandom(std::initializer_list<std::uint64_t> key);

  std::uint64_t next();
  /// Uniform in [low, high).
  double uniform(double low, double high);
  /// Uniform in 0 .. count - 1; 0 if count is less than 2.
  std::int64_t below(std::int64_t count);

 private:
  std::uint64_t state_ = 0;
};

/// Puts `values` into an order drawn from `random` (Fisher and Yates).
template <typename T>
void shuffle(std::span<T> values, KeyedRandom& random) {
  for (std::size_t i = values.size(); i > 1; --i) {
    const auto other = static_cast<std::size_t>(random.below(static_cast<std::int64_t>(i)));
    std::swap(values[i - 1], values[other]);
  }
}

}  // namespace harpy

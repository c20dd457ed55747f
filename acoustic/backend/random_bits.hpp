#pragma once

#include <cstdint>

namespace harpy {

/// Output `counter` of a generator that has no state: SplitMix64 (Steele, Lea and Flood, 2014). Any
/// two values of `key` give unrelated sequences.
constexpr std::uint64_t random_bits(std::uint64_t key, std::uint64_t counter) {
  constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15U;
  constexpr auto kMixed = [](std::uint64_t x) {
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
    return x ^ (x >> 31);
  };
  return kMixed(kMixed(key + kGoldenGamma) + (counter + 1) * kGoldenGamma);
}

}  // namespace harpy

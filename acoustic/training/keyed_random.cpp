#include "acoustic/training/keyed_random.hpp"

namespace harpy {
namespace {

constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15ULL;

std::uint64_t mix(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

}  // namespace

std::uint64_t hash_text(std::string_view text) {
  std::uint64_t hash = 0xCBF29CE484222325ULL;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  return hash;
}

KeyedRandom::KeyedRandom(std::initializer_list<std::uint64_t> key) {
  for (const std::uint64_t part : key) state_ = mix((state_ ^ part) + kGoldenGamma);
}

std::uint64_t KeyedRandom::next() { return mix(state_ += kGoldenGamma); }

double KeyedRandom::uniform(double low, double high) {
  constexpr double kUnit = 0x1.0p-53;
  return low + (high - low) * (static_cast<double>(next() >> 11) * kUnit);
}

std::int64_t KeyedRandom::below(std::int64_t count) {
  if (count < 2) return 0;
  return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(count));
}

}  // namespace harpy

#include "acoustic/layers/initialization.hpp"

#include <vector>

namespace harpy {
namespace {

std::uint64_t mixed(std::uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9U;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBU;
  return x ^ (x >> 31);
}

}  // namespace

std::uint64_t random_bits(std::uint64_t key, std::uint64_t counter) {
  constexpr std::uint64_t kGoldenGamma = 0x9E3779B97F4A7C15U;
  return mixed(mixed(key + kGoldenGamma) + (counter + 1) * kGoldenGamma);
}

Tensor random_uniform(const Backend& backend, const Shape& shape, float limit, std::uint64_t key) {
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto fraction = static_cast<float>(random_bits(key, i) >> 40) * 0x1.0p-24F;
    values[i] = (2.0F * fraction - 1.0F) * limit;
  }
  return backend.from_host(shape, values);
}

}  // namespace harpy

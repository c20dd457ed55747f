#include "acoustic/layers/initialization.hpp"

#include <vector>

#include "acoustic/backend/random_bits.hpp"

namespace harpy {
Tensor random_uniform(const Backend& backend, const Shape& shape, float limit, std::uint64_t key) {
  std::vector<float> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto fraction = static_cast<float>(random_bits(key, i) >> 40) * 0x1.0p-24F;
    values[i] = (2.0F * fraction - 1.0F) * limit;
  }
  return backend.from_host(shape, values);
}

}  // namespace harpy

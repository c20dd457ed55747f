#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// Output `counter` of a generator that has no state: SplitMix64 (Steele, Lea and Flood, 2014). Any
/// two values of `key` give unrelated sequences.
std::uint64_t random_bits(std::uint64_t key, std::uint64_t counter);

/// Values uniform in [-limit, limit), the same on every device and machine.
Tensor random_uniform(const Backend& backend, const Shape& shape, float limit, std::uint64_t key);

}  // namespace harpy

#pragma once

#include <cstdint>

#include "acoustic/backend/backend.hpp"

namespace harpy {

/// Values uniform in [-limit, limit), the same on every device and machine.
Tensor random_uniform(const Backend& backend, const Shape& shape, float limit, std::uint64_t key);

}  // namespace harpy

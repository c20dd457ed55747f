#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace harpy::testing {

/// A malformed file: one of the samples with one to eight changes (flipped bits, bytes and numbers
/// that programs stumble over, pieces removed, doubled, moved or taken from another sample, an
/// early end). Equal seeds give equal files on every machine.
std::string mutate(std::span<const std::string> samples, std::uint32_t seed);

}  // namespace harpy::testing

#pragma once

#include <cstddef>
#include <span>

#include "service/recognizer/score_matrix.hpp"

namespace harpy::tools {

/// Whether bytes begin like a file of numpy's.
bool is_npy(std::span<const std::byte> file);

/// Reads the matrix of a `.npy` file: versions 1 to 3; float16, float32 and float64 of either byte
/// order, in C's or Fortran's order. Errors: std::invalid_argument saying what is wrong: anything
/// else in the header, a file that is too short, or bytes behind the array.
/// Source: numpy.lib.format.
ScoreMatrix read_npy(std::span<const std::byte> file);

}  // namespace harpy::tools

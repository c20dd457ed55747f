#pragma once

#include <cstdint>

#include "acoustic/backend/cpu/thread_team.hpp"

namespace harpy::cpu {

/// A row-major product c = op(a) op(b) + beta * c, op being the factor or its transpose.
/// Shapes: op(a) [rows, inner], op(b) [inner, columns], c [rows, columns].
struct Product {
  const float* a = nullptr;
  const float* b = nullptr;
  float* c = nullptr;
  std::int64_t rows = 0, columns = 0, inner = 0;
  bool transpose_a = false, transpose_b = false;
  float beta = 0.0F;
};

/// Computes a product with oneDNN, each thread of the team its own rows or columns of c. (oneDNN's
/// own OpenMP threads are as fast, but spin on after a product and then take the cores from the
/// element-wise operations that follow.) Errors: std::runtime_error if oneDNN reports one.
void multiply(ThreadTeam& team, const Product& product);

}  // namespace harpy::cpu

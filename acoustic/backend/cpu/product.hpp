#pragma once

#include "acoustic/backend/cpu/thread_team.hpp"
#include "acoustic/backend/product.hpp"

namespace harpy::cpu {

/// Computes a product with oneDNN; each thread of the team computes its own rows or columns of c.
/// (oneDNN's own OpenMP threads are as fast, but spin on after a product and then take the cores
/// from the element-wise operations that follow.) Errors: std::runtime_error if oneDNN reports one.
void multiply(ThreadTeam& team, const Product& product);

}  // namespace harpy::cpu

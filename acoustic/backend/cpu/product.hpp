#pragma once

#include <cstdint>
#include <functional>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "acoustic/backend/product.hpp"

namespace harpy::cpu {

/// Rows or columns [begin, end) of a product's result.
struct Range {
  std::int64_t begin, end;
};

/// Calls work(rows, columns) for parts of the product's result that together make it up, one for
/// each thread of the team, cut along its longer side.
void for_parts(ThreadTeam& team, const Product& product,
               const std::function<void(Range rows, Range columns)>& work);

/// Adds the product's bias to a part of its result and clears what is negative, as it asks for.
void finish_part(const Product& product, Range rows, Range columns);

/// Computes a product with oneDNN; each thread of the team computes its own rows or columns of c.
/// (oneDNN's own OpenMP threads are as fast, but spin on after a product and then take the cores
/// from the element-wise operations that follow.) Errors: std::runtime_error if oneDNN reports one.
void multiply(ThreadTeam& team, const Product& product);

}  // namespace harpy::cpu

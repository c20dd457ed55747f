#pragma once

#include <cstdint>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "acoustic/backend/product.hpp"

namespace harpy::cpu {

/// Whether multiply_bfloat16 can and should compute a product: the processor multiplies bfloat16
/// numbers (AVX512_BF16), twice as many at once as float32, and the product is large enough that
/// making up the call to oneDNN costs nothing beside it.
bool suits_bfloat16(const Product& product);

/// Computes a product of factors that are bfloat16, with sums and result in float32, as multiply
/// does for those that are float32.
/// Products of two such numbers are exact, so that only the order of sums differs, and numbers
/// below the smallest normal one count as zero. Errors: dnnl::error if oneDNN reports one.
void multiply_bfloat16(ThreadTeam& team, const Product& product, const std::uint16_t* a,
                       const std::uint16_t* b);

}  // namespace harpy::cpu

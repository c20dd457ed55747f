#pragma once

#include <memory>

#include "acoustic/backend/cpu/thread_team.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/backend/product.hpp"
#include "acoustic/backend/tensor.hpp"

namespace harpy::cpu {

/// Whether multiply_bfloat16 can and should compute a product: the processor multiplies bfloat16
/// numbers (AVX512_BF16), twice as many at once as float32, and the product is large enough that
/// making up the call to oneDNN costs nothing beside it.
bool suits_bfloat16(const Product& product);

/// Values rounded to bfloat16, one after the other in `memory`: also what multiply_bfloat16 takes
/// for Product::rounded_b.
DeviceBuffer<std::uint16_t> rounded_to_bfloat16(ThreadTeam& team,
                                                const std::shared_ptr<DeviceMemory>& memory,
                                                ConstTensorView x);

/// Computes a product of its factors rounded to bfloat16, with sums and result in float32, as
/// multiply does without rounding; the rounded factors lie in `memory` meanwhile.
/// Products of two such numbers are exact, so that only the order of sums differs, and numbers
/// below the smallest normal one count as zero. Errors: dnnl::error if oneDNN reports one.
void multiply_bfloat16(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
                       const Product& product);

}  // namespace harpy::cpu

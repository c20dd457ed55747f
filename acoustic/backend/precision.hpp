#pragma once

#include <string>
#include <string_view>

namespace harpy {

/// What the factors of products and convolutions, forward and backward, are rounded to before they
/// are multiplied. Sums and all that is stored (weights, activations, gradients, moments) are
/// float32 whatever it is, so that training has float32 master weights.
enum class Precision {
  kFloat32,        ///< nothing is rounded; devices agree up to the order of sums
  kTensorFloat32,  ///< to 11 significant bits by CUDA devices, several times faster; not at all by
                   ///< the CPU, which gains nothing
  kBfloat16        ///< to the 8 significant bits of bfloat16, to nearest, ties to even, by every
                   ///< device; fastest on CUDA devices, slower than kFloat32 on the CPU, which
                   ///< shows what they would give
};

/// Reads "fp32", "tf32" or "bf16". Errors: std::invalid_argument for other text.
Precision parse_precision(std::string_view text);

/// "fp32", "tf32" or "bf16".
std::string to_string(Precision precision);

}  // namespace harpy

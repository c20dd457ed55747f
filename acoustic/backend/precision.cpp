#include "acoustic/backend/precision.hpp"

#include <stdexcept>

namespace harpy {

Precision parse_precision(std::string_view text) {
  for (const Precision precision :
       {Precision::kFloat32, Precision::kTensorFloat32, Precision::kBfloat16}) {
    if (text == to_string(precision)) return precision;
  }
  throw std::invalid_argument("precision: expected fp32, tf32 or bf16, got \"" + std::string(text) +
                              "\"");
}

std::string to_string(Precision precision) {
  switch (precision) {
    case Precision::kTensorFloat32:
      return "tf32";
    case Precision::kBfloat16:
      return "bf16";
    case Precision::kFloat32:
      break;
  }
  return "fp32";
}

}  // namespace harpy

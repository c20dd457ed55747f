#include "frontend/mfcc.hpp"

#include <cmath>
#include <cstring>
#include <numbers>
#include <stdexcept>
#include <string>

#include "frontend/vector_math.hpp"

namespace harpy {

CepstralTransform::CepstralTransform(int input_count, int output_count, double lifter)
    : input_count_(static_cast<std::size_t>(input_count)),
      output_count_(static_cast<std::size_t>(output_count)) {
  if (output_count < 1 || output_count > input_count) {
    throw std::invalid_argument("cepstra: expected 1 to " + std::to_string(input_count) +
                                " (the mel filters), got " + std::to_string(output_count));
  }
  if (!(lifter >= 0.0)) {
    throw std::invalid_argument("cepstra: expected a lifter of at least 0, got " +
                                std::to_string(lifter));
  }
  weights_.resize(input_count_ * output_count_);
  for (int n = 0; n < input_count; ++n) {
    for (int k = 0; k < output_count; ++k) {
      const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / input_count);
      const double lift =
          lifter > 0.0 ? 1.0 + 0.5 * lifter * std::sin(std::numbers::pi * k / lifter) : 1.0;
      weights_[static_cast<std::size_t>(n) * output_count_ + static_cast<std::size_t>(k)] =
          static_cast<float>(lift * scale *
                             std::cos(std::numbers::pi * k * (n + 0.5) / input_count));
    }
  }
}

void CepstralTransform::apply(std::span<const float> input, std::span<float> output) const {
  if (input.size() != input_count_ || output.size() != output_count_) {
    throw std::invalid_argument("CepstralTransform: expected " + std::to_string(input_count_) +
                                " values in and " + std::to_string(output_count_) + " out, got " +
                                std::to_string(input.size()) + " and " +
                                std::to_string(output.size()));
  }
  vector_math::multiply_row(input.data(), weights_.data(), input_count_, output_count_,
                            output.data());
}

}  // namespace harpy

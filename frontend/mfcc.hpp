#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace harpy {

/// Cepstra of log mel energies x [N]:
///   y[k] = lift[k] * scale[k] * sum over n of cos(pi k (n + 1/2) / N) * x[n];
///   scale[0] = sqrt(1 / N), else sqrt(2 / N); lift[k] = 1 + lifter / 2 * sin(pi k / lifter).
class CepstralTransform {
 public:
  /// With a `lifter` of 0 every lift[k] is 1.
  /// Errors: std::invalid_argument unless 1 <= output_count <= input_count and lifter >= 0.
  CepstralTransform(int input_count, int output_count, double lifter);

  /// Shapes: input [input_count], output [output_count].
  void apply(std::span<const float> input, std::span<float> output) const;

 private:
  std::size_t input_count_;
  std::size_t output_count_;
  std::vector<float> weights_;  ///< [input_count, output_count]
};

}  // namespace harpy

#include "acoustic/optimizers/learning_rate.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>
#include <string>

namespace harpy {

float learning_rate(const LearningRateOptions& options, std::int64_t step,
                    std::int64_t total_steps) {
  if (options.warmup_steps < 0 || !(options.peak > 0.0F) || !(options.final_ratio > 0.0F) ||
      options.final_ratio > 1.0F) {
    throw std::invalid_argument(
        "learning rate: expected warm-up >= 0, peak > 0, final ratio in (0, 1], got " +
        std::to_string(options.warmup_steps) + ", " + std::to_string(options.peak) + ", " +
        std::to_string(options.final_ratio));
  }
  step = std::clamp<std::int64_t>(step, 1, std::max<std::int64_t>(total_steps, 1));
  const double peak = options.peak;
  if (step <= options.warmup_steps) {
    return static_cast<float>(peak * static_cast<double>(step) /
                              static_cast<double>(options.warmup_steps));
  }
  const double done =
      static_cast<double>(step - options.warmup_steps) /
      static_cast<double>(std::max<std::int64_t>(total_steps - options.warmup_steps, 1));
  const double last = peak * options.final_ratio;
  switch (options.decay) {
    case LearningRateDecay::kCosine:
      return static_cast<float>(last +
                                (peak - last) * 0.5 * (1.0 + std::cos(std::numbers::pi * done)));
    case LearningRateDecay::kExponential:
      return static_cast<float>(peak * std::pow(double{options.final_ratio}, done));
    case LearningRateDecay::kConstant:
      break;
  }
  return static_cast<float>(peak);
}

}  // namespace harpy

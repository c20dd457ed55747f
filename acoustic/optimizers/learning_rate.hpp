#pragma once

#include <cstdint>

namespace harpy {

/// How the learning rate falls after the warm-up.
enum class LearningRateDecay { kConstant, kCosine, kExponential };

struct LearningRateOptions {
  float peak = 1e-3F;               ///< after the warm-up; larger: faster, until training diverges
  std::int64_t warmup_steps = 500;  ///< in which it rises in equal parts; more: a calmer start
  LearningRateDecay decay = LearningRateDecay::kCosine;
  float final_ratio = 0.01F;  ///< of the peak, reached at the last step (not with kConstant)
};

/// The learning rate of step 1 .. total_steps: rises linearly to the peak during the warm-up, then
/// falls along half a cosine (Loshchilov and Hutter, 2017), exponentially, or not at all. Steps
/// outside are taken as the nearest one inside. Errors: std::invalid_argument for a negative
/// warm-up, a peak that is not positive or a ratio outside (0, 1].
float learning_rate(const LearningRateOptions& options, std::int64_t step,
                    std::int64_t total_steps);

}  // namespace harpy

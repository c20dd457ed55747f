#pragma once

namespace harpy {

/// What Backend::scale_shift_and_add does to a column, as the kernels of the devices take it.
struct BypassedScaling {
  const float *factor, *offset;  ///< [D]
  float bypass_scale;
};

}  // namespace harpy

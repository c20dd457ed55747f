#pragma once

namespace harpy::cuda {

/// The number of usable CUDA devices; 0 in a build without CUDA or on a machine without one.
int device_count() noexcept;

}  // namespace harpy::cuda

#pragma once

#include <functional>
#include <memory>

#include "acoustic/backend/cuda/stream.hpp"
#include "acoustic/backend/recording.hpp"

namespace harpy::cuda {

/// Records the work that `steps` gives to the stream as a CUDA graph, without carrying it out.
/// Memory that the steps allocate and free belongs to the graph. Returns null if the work cannot be
/// recorded, because it waits for the device or copies from the host, or because there is no memory
/// for the graph. Errors: those of `steps`; DeviceError if the device is lost.
std::unique_ptr<Recording> record_graph(cudaStream_t stream, const std::function<void()>& steps);

}  // namespace harpy::cuda

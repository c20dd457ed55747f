#pragma once

#include <functional>
#include <memory>

#include "acoustic/backend/cuda/stream.hpp"
#include "acoustic/backend/recording.hpp"

namespace harpy::cuda {

/// Records what `steps` gives to the stream, without carrying it out, as a CUDA graph. Memory that
/// is allocated in the order of the stream belongs to the graph. Null if it cannot be recorded: the
/// steps wait for the device or copy from the host, or there is no memory for the graph. Errors:
/// those of `steps`; DeviceError if the device is lost.
std::unique_ptr<Recording> record_graph(cudaStream_t stream, const std::function<void()>& steps);

}  // namespace harpy::cuda

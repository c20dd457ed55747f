#pragma once

#include <cuda_runtime_api.h>

#include "acoustic/backend/cuda/owner.hpp"

/// Owners of the CUDA runtime's objects. Errors of making them: DeviceError.
namespace harpy::cuda {

using Stream = Owner<cudaStream_t, cudaStreamDestroy>;
using Event = Owner<cudaEvent_t, cudaEventDestroy>;

/// Makes a device current for this thread: streams, handles and kernels belong to the current
/// device.
void make_current(int device_index);

/// A stream of the current device that waits for no other one.
Stream make_stream();
/// Whether a stream's work is being recorded instead of carried out, see record_graph.
bool is_recording(cudaStream_t stream);
/// Whether all that a stream was given is done, without waiting for it.
bool is_done(cudaStream_t stream);
/// An event that measures no time.
Event make_event();
/// An event for measuring time, see cudaEventElapsedTime.
Event make_timing_event();

}  // namespace harpy::cuda

#include "acoustic/backend/cuda/stream.hpp"

namespace harpy::cuda {

void make_current(int device_index) { check(cudaSetDevice(device_index)); }

Stream make_stream() {
  return made_by<Stream>([](cudaStream_t* stream) {
    return cudaStreamCreateWithFlags(stream, cudaStreamNonBlocking);
  });
}

bool is_recording(cudaStream_t stream) {
  cudaStreamCaptureStatus status{};
  check(cudaStreamIsCapturing(stream, &status));
  return status != cudaStreamCaptureStatusNone;
}

bool is_done(cudaStream_t stream) {
  const cudaError_t status = cudaStreamQuery(stream);
  if (status == cudaErrorNotReady) {
    cudaGetLastError();  // which is no error
    return false;
  }
  check(status);
  return true;
}

Event make_event() {
  return made_by<Event>(
      [](cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDisableTiming); });
}

Event make_timing_event() {
  return made_by<Event>(
      [](cudaEvent_t* event) { return cudaEventCreateWithFlags(event, cudaEventDefault); });
}

}  // namespace harpy::cuda

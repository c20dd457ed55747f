#include <algorithm>

#include "acoustic/backend/cuda/backend_stream.hpp"
#include "acoustic/backend/cuda/block_executor.cuh"
#include "acoustic/backend/cuda/kernel_launch.cuh"
#include "frontend/log_mel_device.hpp"

namespace harpy::cuda {
namespace {

/// A quarter of the usual transform's 256 numbers: a thread for each step of a pass.
constexpr unsigned kThreads = 64;

/// A block a frame; its scratch is shared memory.
__global__ void __launch_bounds__(kThreads)
    compute_frames(log_mel::Tables tables, const log_mel::Job* jobs, std::int32_t job_count,
                   std::int64_t frame_count) {
  const log_mel::Scratch scratch(tables, reinterpret_cast<float*>(dynamic_shared_memory()));
  for (std::int64_t frame = blockIdx.x; frame < frame_count; frame += gridDim.x) {
    const log_mel::Job job = jobs[log_mel::job_of(jobs, job_count, frame)];
    log_mel::compute_frame(BlockExecutor{}, tables, job, frame, scratch);
  }
}

}  // namespace

void compute_log_mel(Backend& backend, const log_mel::Tables& tables,
                     std::span<const log_mel::Job> jobs, std::int64_t frame_count) {
  const cudaStream_t stream = stream_of(backend);
  DeviceBuffer<log_mel::Job> device_jobs(backend.memory(), jobs.size());
  device_jobs.copy_from_host(jobs);
  constexpr std::int64_t kMostBlocks = 1 << 20;
  const auto shared_bytes =
      sizeof(float) * log_mel::Scratch::size(tables.frame_length, tables.fft_size);
  launch(stream,
         {static_cast<unsigned>(std::min(frame_count, kMostBlocks)), kThreads, shared_bytes},
         compute_frames, tables, device_jobs.data(), static_cast<std::int32_t>(jobs.size()),
         frame_count);
}

}  // namespace harpy::cuda

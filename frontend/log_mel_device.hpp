#pragma once

#include <cstdint>
#include <span>

#include "acoustic/backend/backend.hpp"
#include "frontend/log_mel_program.hpp"

namespace harpy::cuda {

/// Computes the `frame_count` frames of all jobs, a block each, as a step of the backend's stream.
/// The pointers of tables and jobs live on its device. Defined in cuda/log_mel_cuda.cu, and in
/// cuda/log_mel_unavailable.cpp for a build without CUDA, which refuses every backend.
/// Errors: std::invalid_argument if the backend is no CUDA device's; DeviceError.
void compute_log_mel(Backend& backend, const log_mel::Tables& tables,
                     std::span<const log_mel::Job> jobs, std::int64_t frame_count);

}  // namespace harpy::cuda

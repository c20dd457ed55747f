#pragma once

#include <memory>

#include "acoustic/backend/backend.hpp"
#include "acoustic/backend/cpu/thread_team.hpp"

/// Convolutions over time and frequency by oneDNN, the sequences shared among the threads of a
/// team. Frames laid out [bin, channel] are its channels-last images (no copies of activations);
/// the weights are copied into the layout that its fastest kernel asks for. This is two to four
/// times as fast as unfolding and a product with one input channel, and a fifth faster with 32
/// or 64. Errors: std::runtime_error if oneDNN reports one.
namespace harpy::cpu {

/// Extents of input [B, T, bins * C] and output [B, T_out, output_bins * O].
struct ConvolutionShape {
  PlaneWindow window;
  Shape x, y;
};

void convolve(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
              const ConvolutionShape& shape, const float* x, const float* weight, float* y);

void convolve_input_gradient(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
                             const ConvolutionShape& shape, const float* dy, const float* weight,
                             float* dx);

/// Writes the gradient that each part of the team finds for its sequences, one after the other;
/// that of a part without sequences stays as it is.
void convolve_weight_gradient(ThreadTeam& team, const std::shared_ptr<DeviceMemory>& memory,
                              const ConvolutionShape& shape, const float* x, const float* dy,
                              float* part_gradients);

}  // namespace harpy::cpu

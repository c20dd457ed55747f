#pragma once

#include <compare>
#include <map>
#include <memory>
#include <utility>

#include "acoustic/backend/cuda/library_handles.hpp"
#include "acoustic/backend/device_buffer.hpp"
#include "acoustic/backend/precision.hpp"

namespace harpy::cuda {

/// The extents that cuDNN knows a convolution by; frames are its rows, bins its columns. Padding is
/// the same on both sides.
struct ConvolutionExtents {
  int sequences = 0, channels = 0, frames = 0, bins = 0;
  int output_channels = 0, output_frames = 0, output_bins = 0;
  int kernel_frames = 0, kernel_bins = 0;
  int stride_frames = 1, stride_bins = 1;
  int dilation_frames = 1;
  int padding_frames = 0, padding_bins = 0;

  // clang-tidy 14 takes the operator's 0 for a pointer.
  auto operator<=>(const ConvolutionExtents&) const = default;  // NOLINT(modernize-use-nullptr)
};

/// Convolutions by cuDNN over images [frames, bins, channels], with deterministic algorithms only.
/// Weights are [output channel, kernel frame, kernel bin, channel]. Each call is a step of the
/// stream and tells whether cuDNN has an algorithm; if it has none, nothing happens.
/// Errors: DeviceError.
class DnnConvolutions {
 public:
  /// The stream must be that of the memory, the precision float32 or TensorFloat-32.
  DnnConvolutions(std::shared_ptr<DeviceMemory> memory, cudaStream_t stream, Precision precision);

  bool forward(const ConvolutionExtents& extents, const float* x, const float* weight, float* y);
  bool input_gradient(const ConvolutionExtents& extents, const float* dy, const float* weight,
                      float* dx);
  bool weight_gradient(const ConvolutionExtents& extents, const float* x, const float* dy,
                       float* weight_gradient);

 private:
  enum class Direction { kForward, kInputGradient, kWeightGradient };

  /// What cuDNN was told of a convolution, and its choice for one direction.
  struct Plan {
    TensorDescriptor x, y;
    FilterDescriptor weight;
    ConvolutionDescriptor convolution;
    int algorithm = 0;  ///< of the direction's own enumeration
    std::size_t workspace_bytes = 0;
    bool usable = false;
  };

  Plan& plan_of(const ConvolutionExtents& extents, Direction direction);
  void describe(const ConvolutionExtents& extents, Plan& plan) const;
  void choose_algorithm(Direction direction, Plan& plan) const;
  template <typename Results>
  void take_first_fit(const Results& results, int count, Plan& plan) const;
  template <typename Call>
  bool carry_out(Plan& plan, const Call& call);

  std::shared_ptr<DeviceMemory> memory_;
  bool is_rounded_;  ///< factors, to TensorFloat-32
  DnnHandle handle_;
  std::map<std::pair<ConvolutionExtents, Direction>, Plan> plans_;
};

}  // namespace harpy::cuda

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <boost/json/object.hpp>

#include "kaldi/nnet3/evaluation.hpp"

namespace harpy::kaldi {

/// The values of a tensor of a network, by its name.
struct TensorValues {
  std::string name;
  std::vector<float> values;
};

// Layers before they are described: times are still numbers of frames.

struct PlannedLayer;
using PlannedChain = std::vector<PlannedLayer>;

/// y[t] = bias + sum over taps of x[t * stride + time] weight.
struct PlannedConvolution {
  std::map<std::int32_t, Matrix<float>> taps;  ///< by time
  std::vector<float> bias;
  std::int64_t stride = 1;
};
struct PlannedHeightConvolution {
  HeightConvolution function;
  std::int64_t stride = 1;  ///< over time
};
/// A layer without context: its description and its tensors.
struct PlannedFrameLayer {
  boost::json::object description;
  std::vector<TensorValues> tensors;
};
struct PlannedSubsampling {
  std::int64_t stride = 1;
};
struct PlannedResidual {
  double bypass_scale = 1.0;
  PlannedChain branch;
};
struct PlannedSum {
  std::vector<PlannedChain> branches;
  double last_scale = 1.0;  ///< factor on the last branch
};

struct PlannedLayer {
  std::variant<PlannedConvolution, PlannedHeightConvolution, PlannedFrameLayer, PlannedSubsampling,
               PlannedResidual, PlannedSum>
      work;
};

/// Lays steps out as a chain of layers. The network is asked for every `subsampling`-th frame
/// alone: from where all later layers look only at such frames, they run at that rate. Errors:
/// std::runtime_error if the ways through the network cross too often.
PlannedChain plan_chain(const EvaluatedNnet& nnet, std::int64_t subsampling);

}  // namespace harpy::kaldi

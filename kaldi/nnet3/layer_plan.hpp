#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/array.hpp>

#include "acoustic/network.hpp"
#include "kaldi/nnet3/evaluation.hpp"

namespace harpy::kaldi {

/// The values of a tensor of a network by its full name: "trunk.3.weight".
struct TensorValues {
  std::string name;
  std::vector<float> values;
};

/// A network of nnet3 as a chain of Harpy's layers: the trunk of a network description and the
/// values of all its tensors.
struct LayerPlan {
  boost::json::array trunk;
  std::vector<TensorValues> tensors;
};

/// Lays steps out as layers. The network is asked for every `subsampling`-th frame alone: from
/// where all later layers look only at such frames, they run at that rate.
/// Errors: std::runtime_error for a convolution whose heights no padding gives.
LayerPlan plan_layers(const EvaluatedNnet& nnet, std::int64_t subsampling);

}  // namespace harpy::kaldi

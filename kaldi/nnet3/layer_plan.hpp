#pragma once

#include <cstdint>
#include <vector>

#include <boost/json/array.hpp>

#include "kaldi/nnet3/planned_layers.hpp"

namespace harpy::kaldi {

/// A network of nnet3 as a chain of Harpy's layers: the trunk of a network description and the
/// values of all its tensors.
struct LayerPlan {
  boost::json::array trunk;
  std::vector<TensorValues> tensors;
};

/// Lays steps out as layers, see plan_chain. Tensors are named as in the network: "trunk.3.weight".
/// Errors: std::runtime_error as plan_chain, and for a convolution whose heights no padding gives.
LayerPlan plan_layers(const EvaluatedNnet& nnet, std::int64_t subsampling);

}  // namespace harpy::kaldi

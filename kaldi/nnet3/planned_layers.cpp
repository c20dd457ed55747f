#include "kaldi/nnet3/planned_layers.hpp"

#include <iterator>
#include <numeric>
#include <stdexcept>
#include <utility>

namespace harpy::kaldi {

namespace {

namespace json = boost::json;

/// Writes the layers that lead from one step to another.
class ChainBuilder {
 public:
  explicit ChainBuilder(const StepGraph& steps) : steps_(steps) {}

  /// The layers from `begin`, which all ways to `end` pass, to `end`.
  PlannedChain chain(std::int32_t begin, std::int32_t end) {
    PlannedChain layers;
    // The steps that all ways pass are the joints of the chain; between two there is one layer.
    std::int32_t before = begin;
    for (const std::int32_t joint : steps_.passed(end)) {
      if (joint <= begin) continue;
      layers.push_back(layer(before, joint));
      before = joint;
    }
    return layers;
  }

 private:
  PlannedLayer layer(std::int32_t before, std::int32_t step) {
    // Branches that share steps compute each their own.
    constexpr std::size_t kMostCopies = 4;
    if (++layer_count_ > kMostCopies * steps_.size()) {
      throw std::runtime_error("the ways through the network cross too often");
    }
    return std::visit([&](const auto& work) { return make(work, before, step); },
                      steps_.at(step).work);
  }

  static PlannedLayer frame_layer(json::object description,
                                  std::vector<TensorValues> tensors = {}) {
    return {PlannedFrameLayer{std::move(description), std::move(tensors)}};
  }

  static PlannedLayer make(const InputStep&, std::int32_t, std::int32_t) {
    throw std::logic_error("layer plan: the input behind another step");
  }

  PlannedLayer make(const AffineStep& work, std::int32_t before, std::int32_t step) {
    const std::vector<std::int32_t> sources = sources_of(steps_.at(step));
    if (sources.size() == 1) return {convolution(work, sources.front(), true)};
    PlannedSum sum;
    for (const std::int32_t source : sources) {
      PlannedChain& branch = sum.branches.emplace_back(chain(before, source));
      branch.push_back({convolution(work, source, source == sources.front())});
    }
    return {std::move(sum)};
  }

  static PlannedConvolution convolution(const AffineStep& work, std::int32_t source,
                                        bool with_bias) {
    PlannedConvolution layer;
    for (const StepTap& tap : work.taps) {
      if (tap.step == source) layer.taps.emplace(tap.time, tap.weight);
    }
    if (with_bias) layer.bias = work.bias;
    return layer;
  }

  static PlannedLayer make(const ScaleStep& work, std::int32_t, std::int32_t) {
    const std::vector<float> zeros(work.scale.size());
    const std::vector<float> ones(work.scale.size(), 1.0F);
    return frame_layer(
        {{"type", "batch_norm"}, {"epsilon", 0}},
        {{"gamma", work.scale}, {"beta", work.shift}, {"mean", zeros}, {"variance", ones}});
  }

  static PlannedLayer make(const FunctionStep& work, std::int32_t, std::int32_t) {
    switch (work.kind) {
      case ActivationKind::kRelu:
        return frame_layer({{"type", "relu"}});
      case ActivationKind::kSigmoid:
        return frame_layer({{"type", "sigmoid"}});
      case ActivationKind::kTanh:
        break;
    }
    return frame_layer({{"type", "tanh"}});
  }

  static PlannedLayer make(const NormalizationStep& work, std::int32_t, std::int32_t) {
    const RmsNormalization& function = work.function;
    return frame_layer({{"type", "rms_norm"},
                        {"blocks", function.dim / function.block_dim},
                        {"target_rms", function.target_rms}});
  }

  static PlannedLayer make(const LogSoftmaxStep&, std::int32_t, std::int32_t) {
    return frame_layer({{"type", "log_softmax"}});
  }

  static PlannedLayer make(const ConvolutionStep& work, std::int32_t, std::int32_t) {
    return {PlannedHeightConvolution{work.function}};
  }

  PlannedLayer make(const BypassStep& work, std::int32_t before, std::int32_t) {
    // Ways to the bypass pass all joints before it, so that it is the last of them.
    if (work.bypass != before) throw std::logic_error("layer plan: a bypass from elsewhere");
    return {PlannedResidual{work.bypass_scale, chain(before, work.branch)}};
  }

  const StepGraph& steps_;
  std::size_t layer_count_ = 0;
};

std::int64_t times_of(const PlannedChain& chain);

/// The greatest number that divides all time offsets of a layer; 0: it has none.
std::int64_t times_of(const PlannedLayer& layer) {
  std::int64_t common = 0;
  if (const auto* work = std::get_if<PlannedConvolution>(&layer.work)) {
    for (const auto& [time, weight] : work->taps) common = std::gcd(common, std::int64_t{time});
  } else if (const auto* height = std::get_if<PlannedHeightConvolution>(&layer.work)) {
    for (const auto& [time, bin] : height->function.offsets) {
      common = std::gcd(common, std::int64_t{time});
    }
  } else if (const auto* residual = std::get_if<PlannedResidual>(&layer.work)) {
    common = times_of(residual->branch);
  } else if (const auto* sum = std::get_if<PlannedSum>(&layer.work)) {
    for (const PlannedChain& branch : sum->branches) common = std::gcd(common, times_of(branch));
  }
  return common;
}

std::int64_t times_of(const PlannedChain& chain) {
  std::int64_t common = 0;
  for (const PlannedLayer& layer : chain) common = std::gcd(common, times_of(layer));
  return common;
}

void divide_times(PlannedLayer& layer, std::int32_t stride) {
  if (auto* const work = std::get_if<PlannedConvolution>(&layer.work)) {
    std::map<std::int32_t, Matrix<float>> taps;
    for (auto& [time, weight] : work->taps) taps.emplace(time / stride, std::move(weight));
    work->taps = std::move(taps);
  } else if (auto* const height = std::get_if<PlannedHeightConvolution>(&layer.work)) {
    for (auto& [time, bin] : height->function.offsets) time /= stride;
  } else if (auto* const residual = std::get_if<PlannedResidual>(&layer.work)) {
    for (PlannedLayer& inner : residual->branch) divide_times(inner, stride);
  } else if (auto* const sum = std::get_if<PlannedSum>(&layer.work)) {
    for (PlannedChain& branch : sum->branches) {
      for (PlannedLayer& inner : branch) divide_times(inner, stride);
    }
  }
}

/// Lets the last layers, which look at every stride-th frame alone, run at that rate, and the layer
/// before them give such frames alone.
void subsample(PlannedChain& chain, std::int64_t stride) {
  auto first = chain.end();
  while (first != chain.begin() && times_of(*std::prev(first)) % stride == 0) --first;
  for (auto layer = first; layer != chain.end(); ++layer) {
    divide_times(*layer, static_cast<std::int32_t>(stride));
  }
  if (first != chain.begin()) {
    PlannedLayer& before = *std::prev(first);
    if (auto* const work = std::get_if<PlannedConvolution>(&before.work)) {
      work->stride = stride;
      return;
    }
    if (auto* const height = std::get_if<PlannedHeightConvolution>(&before.work)) {
      height->stride = stride;
      return;
    }
    if (auto* const residual = std::get_if<PlannedResidual>(&before.work)) {
      PlannedSum sum{.branches = {}, .last_scale = residual->bypass_scale};
      sum.branches.push_back(std::move(residual->branch));
      sum.branches.emplace_back().push_back({PlannedSubsampling{stride}});
      subsample(sum.branches.front(), stride);
      before.work = std::move(sum);
      return;
    }
    if (auto* const sum = std::get_if<PlannedSum>(&before.work)) {
      for (PlannedChain& branch : sum->branches) subsample(branch, stride);
      return;
    }
  }
  chain.insert(first, {PlannedSubsampling{stride}});
}

}  // namespace

PlannedChain plan_chain(const EvaluatedNnet& nnet, std::int64_t subsampling) {
  PlannedChain chain = ChainBuilder(nnet.steps).chain(0, nnet.output);
  if (subsampling > 1) subsample(chain, subsampling);
  return chain;
}

}  // namespace harpy::kaldi

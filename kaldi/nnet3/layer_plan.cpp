#include "kaldi/nnet3/layer_plan.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/json/object.hpp>

namespace harpy::kaldi {

namespace {

namespace json = boost::json;

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
  json::object description;
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
};

struct PlannedLayer {
  std::variant<PlannedConvolution, PlannedHeightConvolution, PlannedFrameLayer, PlannedSubsampling,
               PlannedResidual, PlannedSum>
      work;
};

// ---- From steps to layers at the rate of the input.

/// Writes the layers that lead from one step to another.
class ChainBuilder {
 public:
  explicit ChainBuilder(const StepGraph& steps) : steps_(steps) {}

  /// The layers from `begin`, which all ways to `end` pass, to `end`.
  PlannedChain chain(std::int32_t begin, std::int32_t end) const {
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
  PlannedLayer layer(std::int32_t before, std::int32_t step) const {
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

  PlannedLayer make(const AffineStep& work, std::int32_t before, std::int32_t step) const {
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
    return frame_layer({{"type", "batch_norm"}, {"epsilon", 0}},
                       {{"gamma", work.scale}, {"beta", work.shift}, {"mean", zeros},
                        {"variance", ones}});
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

  PlannedLayer make(const BypassStep& work, std::int32_t before, std::int32_t) const {
    // Ways to the bypass pass all joints before it, so that it is the last of them.
    if (work.bypass != before) throw std::logic_error("layer plan: a bypass from elsewhere");
    return {PlannedResidual{work.bypass_scale, chain(before, work.branch)}};
  }

  const StepGraph& steps_;
};

// ---- The rate.

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

/// Lets the last layers, which look at every stride-th frame alone, run at that rate.
void subsample(PlannedChain& chain, std::int64_t stride) {
  if (stride == 1) return;
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
  }
  chain.insert(first, {PlannedSubsampling{stride}});
}

// ---- From layers to their description.

/// The taps of a window over time: `left` of them before the current frame.
struct Taps {
  std::int64_t kernel = 1;
  std::int64_t dilation = 1;
  std::int64_t left = 0;

  std::size_t index(std::int32_t time) const {
    return static_cast<std::size_t>(time / dilation + left);
  }
};

/// The smallest window that sees these times and its own frame.
Taps taps_for(const std::vector<std::int32_t>& times) {
  std::int64_t first = 0;
  std::int64_t last = 0;
  std::int64_t dilation = 0;
  for (const std::int64_t time : times) {
    first = std::min(first, time);
    last = std::max(last, time);
    dilation = std::gcd(dilation, time);
  }
  if (dilation == 0) return {};
  return {.kernel = (last - first) / dilation + 1, .dilation = dilation, .left = -first / dilation};
}

/// The heights that a convolution sees: `padding` of them below its own.
struct HeightTaps {
  std::int64_t kernel = 1;
  std::int64_t padding = 0;
};

/// Finds a kernel that holds all heights and gives as many outputs as there are.
HeightTaps height_taps_for(const HeightConvolution& function) {
  std::int64_t lowest = 0;
  std::int64_t highest = 0;
  for (const auto& [time, height] : function.offsets) {
    lowest = std::min<std::int64_t>(lowest, height);
    highest = std::max<std::int64_t>(highest, height);
  }
  for (std::int64_t padding = -lowest; padding <= function.height_in; ++padding) {
    for (std::int64_t kernel = padding + highest + 1; kernel <= function.height_in; ++kernel) {
      const std::int64_t left = function.height_in + 2 * padding - kernel;
      if (left >= 0 && left / function.stride + 1 == function.height_out) return {kernel, padding};
    }
  }
  throw std::runtime_error("a convolution from " + std::to_string(function.height_in) + " to " +
                           std::to_string(function.height_out) +
                           " heights, which no padding on both sides gives");
}

class Describer {
 public:
  json::array describe(const PlannedChain& chain, const std::string& path) {
    json::array layers;
    for (std::size_t i = 0; i < chain.size(); ++i) {
      const std::string place = path + "." + std::to_string(i);
      layers.push_back(
          std::visit([&](const auto& work) { return describe(work, place); }, chain[i].work));
    }
    return layers;
  }

  std::vector<TensorValues> take_tensors() { return std::move(tensors_); }

 private:
  void add(const std::string& place, const std::string& name, std::vector<float> values) {
    tensors_.push_back({place + "." + name, std::move(values)});
  }

  json::object describe(const PlannedConvolution& work, const std::string& place) {
    std::vector<std::int32_t> times;
    for (const auto& [time, weight] : work.taps) times.push_back(time);
    const Taps taps = taps_for(times);
    const Matrix<float>& any = work.taps.begin()->second;
    std::vector<float> weight(static_cast<std::size_t>(taps.kernel) * any.values.size());
    for (const auto& [time, values] : work.taps) {
      std::ranges::copy(values.values,
                        weight.begin() + static_cast<std::ptrdiff_t>(taps.index(time) *
                                                                     values.values.size()));
    }
    add(place, "weight", std::move(weight));
    if (!work.bias.empty()) add(place, "bias", work.bias);
    json::object layer{{"type", "convolution"}, {"output_dim", any.columns}};
    if (taps.kernel > 1) {
      layer["kernel"] = taps.kernel;
      layer["dilation"] = taps.dilation;
      layer["left"] = taps.left;
    }
    if (work.stride > 1) layer["stride"] = work.stride;
    if (work.bias.empty()) layer["bias"] = false;
    return layer;
  }

  json::object describe(const PlannedHeightConvolution& work, const std::string& place) {
    const HeightConvolution& function = work.function;
    std::vector<std::int32_t> times;
    for (const auto& [time, height] : function.offsets) times.push_back(time);
    const Taps taps = taps_for(times);
    const HeightTaps heights = height_taps_for(function);
    const auto inputs = static_cast<std::size_t>(function.filters_in);
    const auto outputs = static_cast<std::size_t>(function.filters_out);
    std::vector<float> weight(static_cast<std::size_t>(taps.kernel * heights.kernel) * inputs *
                              outputs);
    for (std::size_t i = 0; i < function.offsets.size(); ++i) {
      const auto& [time, height] = function.offsets[i];
      const std::size_t tap = taps.index(time) * static_cast<std::size_t>(heights.kernel) +
                              static_cast<std::size_t>(height + heights.padding);
      for (std::size_t f = 0; f < inputs; ++f) {
        for (std::size_t o = 0; o < outputs; ++o) {
          weight[(tap * inputs + f) * outputs + o] = function.weight.at(
              static_cast<std::int64_t>(o), static_cast<std::int64_t>(i * inputs + f));
        }
      }
    }
    add(place, "weight", std::move(weight));
    add(place, "bias", function.bias);
    json::object layer{{"type", "convolution_2d"},
                       {"bins", function.height_in},
                       {"output_channels", function.filters_out},
                       {"kernel_time", taps.kernel},
                       {"dilation_time", taps.dilation},
                       {"left_time", taps.left},
                       {"kernel_bins", heights.kernel},
                       {"padding_bins", heights.padding}};
    if (function.stride > 1) layer["stride_bins"] = function.stride;
    if (work.stride > 1) layer["stride_time"] = work.stride;
    return layer;
  }

  json::object describe(const PlannedFrameLayer& work, const std::string& place) {
    for (const TensorValues& tensor : work.tensors) add(place, tensor.name, tensor.values);
    return work.description;
  }

  static json::object describe(const PlannedSubsampling& work, const std::string&) {
    return {{"type", "splice"}, {"stride", work.stride}};
  }

  json::object describe(const PlannedResidual& work, const std::string& place) {
    return {{"type", "residual"},
            {"bypass_scale", work.bypass_scale},
            {"layers", describe(work.branch, place)}};
  }

  json::object describe(const PlannedSum& work, const std::string& place) {
    json::array branches;
    for (std::size_t i = 0; i < work.branches.size(); ++i) {
      branches.push_back(describe(work.branches[i], place + "." + std::to_string(i)));
    }
    return {{"type", "sum"}, {"branches", std::move(branches)}};
  }

  std::vector<TensorValues> tensors_;
};

}  // namespace

LayerPlan plan_layers(const EvaluatedNnet& nnet, std::int64_t subsampling) {
  PlannedChain chain = ChainBuilder(nnet.steps).chain(0, nnet.output);
  subsample(chain, subsampling);
  Describer describer;
  LayerPlan plan;
  plan.trunk = describer.describe(chain, "trunk");
  plan.tensors = describer.take_tensors();
  return plan;
}

}  // namespace harpy::kaldi

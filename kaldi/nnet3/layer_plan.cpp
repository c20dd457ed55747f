#include "kaldi/nnet3/layer_plan.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <utility>
#include <variant>

#include <boost/json/object.hpp>

namespace harpy::kaldi {

namespace {

namespace json = boost::json;

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
  constexpr std::int64_t kMostTried = 64;
  for (std::int64_t padding = -lowest; padding < kMostTried - lowest; ++padding) {
    // With so many heights beyond the kernel, padding included, there are height_out outputs.
    const std::int64_t most_left = function.height_out * function.stride - 1;
    const std::int64_t least_left = (function.height_out - 1) * function.stride;
    const std::int64_t padded = function.height_in + 2 * padding;
    const std::int64_t kernel = std::max(padding + highest + 1, padded - most_left);
    if (kernel <= function.height_in && kernel <= padded - least_left) return {kernel, padding};
  }
  throw std::runtime_error("a convolution from " + std::to_string(function.height_in) + " to " +
                           std::to_string(function.height_out) +
                           " heights, which no padding on both sides gives");
}

/// The size of an array of weights, which zeros may fill up.
std::size_t weight_count(std::int64_t taps, std::int64_t values) {
  constexpr std::int64_t kMostWeights = std::int64_t{1} << 27;
  if (taps > kMostWeights / std::max<std::int64_t>(values, 1)) {
    throw std::runtime_error("a convolution whose weights would be too many");
  }
  return static_cast<std::size_t>(taps * values);
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
    std::vector<float> weight(weight_count(taps.kernel, std::ssize(any.values)));
    for (const auto& [time, values] : work.taps) {
      std::ranges::copy(
          values.values,
          weight.begin() + static_cast<std::ptrdiff_t>(taps.index(time) * values.values.size()));
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
    std::vector<float> weight(
        weight_count(taps.kernel * heights.kernel, function.filters_in * function.filters_out));
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
    json::object layer{{"type", "sum"}, {"branches", std::move(branches)}};
    if (work.last_scale != 1.0) layer["last_scale"] = work.last_scale;
    return layer;
  }

  std::vector<TensorValues> tensors_;
};

}  // namespace

LayerPlan plan_layers(const EvaluatedNnet& nnet, std::int64_t subsampling) {
  Describer describer;
  LayerPlan plan;
  plan.trunk = describer.describe(plan_chain(nnet, subsampling), "trunk");
  plan.tensors = describer.take_tensors();
  return plan;
}

}  // namespace harpy::kaldi
